"""How two values of one field are compared: one rule for each field of each dataclass of the plan."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from sidecar.plan.changes.change import Change, added, changed, removed
from sidecar.plan.changes.shown import shown

Rule = Callable[[str, Any, Any], Iterator[Change]]
"""Yields what changes at a path between an old and a new value that differ."""
Effect = str | Callable[[Any, Any], str]
"""A sentence about who notices, or a function that makes it from the old and the new value."""
Table = Mapping[str, Rule]
"""The rules of one dataclass by the names of its fields."""

TABLES: Final[dict[type, Table]] = {}
"""Every table, by the dataclass whose fields it covers."""


def table(of: type, **rules: Rule) -> Table:
    """Declare the rules of a dataclass."""
    TABLES[of] = rules
    return rules


def differences(path: str, old: Any, new: Any, kind: type | None = None) -> Iterator[Change]:
    """Yield what changes in a dataclass, field by field, after the table of its type or of `kind`."""
    rules = TABLES[kind or type(new)]
    for field in fields(kind or new):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            yield from rules[field.name](path, before, after)


def value(key: str, effect: Effect, show: Callable[[Any], str] = shown) -> Rule:
    """Tell the old and the new value of a key; None is nothing."""

    def compare(path: str, old: Any, new: Any) -> Iterator[Change]:
        here, who = join(path, key), _said(effect, old, new)
        if old is None:
            yield added(here, who, show(new))
        elif new is None:
            yield removed(here, who, show(old))
        else:
            yield changed(here, who, show(old), show(new))

    return compare


def secret(key: str, effect: Effect) -> Rule:
    """Tell that a value was exchanged, and not which one."""

    def compare(path: str, old: Any, new: Any) -> Iterator[Change]:
        here, who = join(path, key), _said(effect, old, new)
        if old is None:
            yield added(here, who)
        elif new is None:
            yield removed(here, who)
        else:
            yield changed(here, f"it was exchanged; {who}")

    return compare


def each(
    key: str, new_one: Effect, gone: Effect, show: Callable[[Any], str] = shown, *, order: Effect
) -> Rule:
    """Tell each item that a list has or lacks, or that only its order is another (`order`: who notices)."""

    def compare(path: str, old: Any, new: Any) -> Iterator[Change]:
        here = join(path, key)
        lost = [item for item in old if item not in new]
        found = [item for item in new if item not in old]
        yield from (removed(here, _said(gone, item, item), show(item)) for item in lost)
        yield from (added(here, _said(new_one, item, item), show(item)) for item in found)
        if not lost and not found:
            yield changed(here, _said(order, old, new), shown(map(show, old)), shown(map(show, new)))

    return compare


def nested(key: str, new_one: str, gone: str) -> Rule:
    """Tell what changes in a dataclass below a key, or that there is one or none."""

    def compare(path: str, old: Any, new: Any) -> Iterator[Change]:
        here = join(path, key)
        if old is None:
            yield added(here, new_one)
        elif new is None:
            yield removed(here, gone)
        else:
            yield from differences(here, old, new)

    return compare


def elsewhere(path: str, old: Any, new: Any) -> Iterator[Change]:  # noqa: ARG001 - it has the form of a rule
    """Tell nothing: it follows from other fields, or is compared beside this table."""
    return iter(())


def join(path: str, key: str) -> str:
    """Return the path of a key below a path."""
    return f"{path}.{key}" if path and key else path or key


def _said(effect: Effect, old: Any, new: Any) -> str:
    return effect if isinstance(effect, str) else effect(old, new)
