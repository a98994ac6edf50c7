"""Runs the rules of an entry, and those of the mappings in it."""

from collections.abc import Iterator
from typing import Any

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.strict_model import StrictModel


def findings(entry: Entry[Any]) -> Iterator[Finding]:
    """Return what the rules of its model find, as far as the keys that they read are right."""
    for each in entry.model.rules:
        if each.reads.isdisjoint(entry.wrong):
            yield from each.run(entry)
    for inner in _inside(entry):
        yield from findings(inner)


def _inside(entry: Entry[Any]) -> Iterator[Entry[Any]]:
    """The mappings in a mapping, and in its lists. Those below a wrong key have wrong keys themselves."""
    yield from entry.inside
    for key, name in _attributes(entry.model).items():
        value = None if key in entry.wrong else getattr(entry.model, name)
        if isinstance(value, StrictModel):
            yield Entry((*entry.path, key), value, _given(value), frozenset())
        right = enumerate(value) if isinstance(value, tuple) else entry.parts.get(key, ())
        for index, item in right:
            if isinstance(item, StrictModel):
                yield Entry((*entry.path, key, index), item, _given(item), frozenset())


def _attributes(model: StrictModel) -> dict[str, str]:
    """Names in the file, and what the attributes of the model are called."""
    return {field.alias or name: name for name, field in type(model).model_fields.items()}


def _given(model: StrictModel) -> frozenset[str]:
    return frozenset(key for key, name in _attributes(model).items() if name in model.model_fields_set)
