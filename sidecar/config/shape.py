"""One mapping of the document against its model: unknown keys, missing keys, wrong values."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sidecar.config.concealed import conceal
from sidecar.config.mistake import Finding, Path, did_you_mean, quoted
from sidecar.config.strict_model import keys

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Entry(Generic[M]):
    """A mapping of the file as its model.

    `given` are the keys that the file has. `wrong` are the keys of which `model` holds a stand-in, so
    that rules about the other keys still run; a rule must not look at a wrong one.
    """

    path: Path
    model: M
    given: frozenset[str]
    wrong: frozenset[str]


def examine(
    model: type[M],
    raw: dict[str, object],
    path: Path,
    *,
    stand_ins: Mapping[str, object],
    broken: AbstractSet[Path],
) -> tuple[Entry[M], list[Finding]]:
    """Validate one mapping, and report all that is wrong in it.

    `stand_ins` has a valid value for each key that the model requires. `broken` are paths that have a
    finding already; that they are missing is not reported again.
    """
    already = frozenset(str(b[len(path)]) for b in broken if b[: len(path)] == path and len(b) > len(path))
    given = frozenset(raw) | already
    try:
        return Entry(path, model.model_validate(raw), given, already), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    news = [
        d for d in details if not _is_missing_as_known(d, path, broken) and not _is_consequence(d, details)
    ]
    findings = [_finding(detail, path, model) for detail in news]
    wrong = already | {str(d["loc"][0]) for d in details}
    kept = {key: value for key, value in raw.items() if key not in wrong}
    kept |= {key: value for key, value in stand_ins.items() if key in wrong}
    return Entry(path, model.model_validate(kept), given, wrong), findings


def _is_missing_as_known(detail: ErrorDetails, path: Path, broken: AbstractSet[Path]) -> bool:
    return detail["type"] == "missing" and (*path, *detail["loc"]) in broken


def _is_consequence(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    # only the valid entries of a list are counted, so wrong ones also make it too short
    where = detail["loc"]
    return detail["type"] == "too_short" and any(_is_below(d["loc"], where) for d in details)


def _is_below(path: Path, top: Path) -> bool:
    return path[: len(top)] == top != path


def _finding(detail: ErrorDetails, path: Path, model: type[BaseModel]) -> Finding:
    where = conceal((*path, *detail["loc"]))
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(where, _model_at(model, detail["loc"][:-1]))
    if kind == "missing":
        return _missing_key(where, _model_at(model, detail["loc"][:-1]))
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return Finding(where, "range", f"{quoted(value)} is out of range; write {bound}")
    if kind in ("too_short", "too_long"):
        bound = (
            f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        )
        return Finding(where, "range", f"this has {context['actual_length']} entries; write {bound}")
    if kind == "literal_error":
        return _no_choice(where, value, _model_at(model, detail["loc"][:-1]))
    if kind == "tuple_type":
        return Finding(where, "type", f"{quoted(value)} stands where a list belongs; write it in [ ]")
    if kind in ("model_type", "dict_type"):
        return Finding(
            where, "type", f"{quoted(value)} stands where a mapping belongs; write `key: value` lines"
        )
    return Finding(where, kind, detail["msg"])


def _unknown_key(where: Path, model: type[BaseModel]) -> Finding:
    known = tuple(keys(model))
    hint = did_you_mean(str(where[-1]), known) or f"; the keys here are {', '.join(known)}"
    return Finding(where, "unknown-key", f"there is no key {quoted(where[-1])}{hint}", at_key=True)


def _missing_key(where: Path, model: type[BaseModel]) -> Finding:
    meaning = keys(model)[str(where[-1])].description or ""
    message = f"`{where[-1]}` is missing ({meaning.rstrip('.')}); add `{where[-1]}: ...`"
    return Finding(where, "missing-key", message, at_key=True)


def _no_choice(where: Path, value: object, model: type[BaseModel]) -> Finding:
    choices = _literals(keys(model)[str(where[-1])].annotation)
    hint = did_you_mean(str(value), choices) or f"; write {' or '.join(choices)}"
    return Finding(where, "choice", f"{quoted(value)} is not known here{hint}")


def _literals(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(str(choice) for choice in get_args(annotation))
    return tuple(choice for part in get_args(annotation) for choice in _literals(part))


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel]:
    for key in path:
        if isinstance(key, str):
            model = next(_models(keys(model)[key].annotation))
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation such as `Unicast | None` or `tuple[HmacKey, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
