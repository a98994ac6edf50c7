"""One mapping of the document against its model: unknown keys, missing keys, wrong values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sidecar.config.concealed import conceal
from sidecar.config.entry import Entry, M
from sidecar.config.meaning import meaning
from sidecar.config.mistake import Finding, Path, did_you_mean, quoted
from sidecar.config.proposal import entry_of, list_of, mapping_of, written
from sidecar.config.strict_model import keys, mapping, models, optional
from sidecar.config.unknown_key import meant, unknown_key

_NONE: Final[Mapping[str, Sequence[int]]] = MappingProxyType({})
_NAMES_ALONE = "make checks under the top-level `checks:`, and write only their names here, in [ ]"


def given_keys(raw: Mapping[str, object], path: Path, broken: AbstractSet[Path]) -> frozenset[str]:
    """Return the keys that a mapping has in the file, those included whose values are broken."""
    return frozenset(raw) | _lost(path, broken)


def _lost(path: Path, broken: AbstractSet[Path]) -> frozenset[str]:
    return frozenset(str(b[len(path)]) for b in broken if b[: len(path)] == path and len(b) > len(path))


def examine(
    model: type[M],
    raw: dict[str, object],
    path: Path,
    *,
    broken: AbstractSet[Path],
    akin: Callable[[], AbstractSet[str]] = frozenset,
) -> tuple[Entry[M], list[Finding]]:
    """Validate one mapping, and report all that is wrong in it.

    `broken` are paths that have a finding already; that they are missing is not reported again. `akin`
    returns keys that the model does not have, and that a mistyped one may have meant all the same.
    """
    already = _lost(path, broken)
    given = frozenset(raw) | already
    try:
        valid = model.model_validate(raw)
    except ValidationError as error:
        details = error.errors(include_url=False)
    else:
        return Entry(path, valid, given, already, tuple(_inside(model, raw, path, already, broken))), []
    misspelt = _misspelt(details, path, model)
    news = [
        d
        for d in details
        if not _is_missing_as_known(d, path, broken) and not _is_consequence(d, details)
        if d["type"] != "missing" or d["loc"] not in misspelt
    ]
    order = list(keys(model))
    news.sort(key=lambda d: order.index(str(d["loc"][0])) if d["type"] == "missing" else -1)
    findings = [_finding(detail, path, model, akin) for detail in news]
    # a key under another name is there, and rules about it know nothing
    meant_keys = {str(loc[0]) for loc in misspelt if len(loc) == 1} - raw.keys()
    wrong = already | {str(d["loc"][0]) for d in details} | meant_keys
    kept = {key: value for key, value in raw.items() if key not in wrong}
    right = {key: _right_places(raw.get(key), key, details) for key in wrong}
    parts = {key: found for key, places in right.items() if (found := _items(model, kept, raw, key, places))}
    inside = tuple(_inside(model, raw, path, wrong, broken, right))
    return Entry(path, _lenient(model).model_validate(kept), given, wrong, inside, parts), findings


def _inside(
    model: type[BaseModel],
    raw: Mapping[str, object],
    path: Path,
    wrong: AbstractSet[str],
    broken: AbstractSet[Path],
    right: Mapping[str, Sequence[int]] = _NONE,
) -> Iterator[Entry[Any]]:
    """Yield the mappings below wrong keys. What is wrong in them is reported with the keys.

    Of a list those that are wrong: the others are `parts` of the entry, as they are.
    """
    for key, field in keys(model).items():
        value = raw.get(key) if key in wrong else None
        if isinstance(value, dict) and (below := mapping(field)) is not None:
            yield examine(below, value, (*path, key), broken=broken)[0]
        elif isinstance(value, list) and (below := next(models(field.annotation), None)) is not None:
            for index, item in enumerate(value):
                if isinstance(item, dict) and index not in right.get(key, ()):
                    yield examine(below, item, (*path, key, index), broken=broken)[0]


def _right_places(value: object, key: str, details: Sequence[ErrorDetails]) -> Sequence[int]:
    """Return the places of the right items of a list of which nothing but other items is wrong."""
    inside = [d["loc"] for d in details if d["loc"][0] == key and not _is_consequence(d, details)]
    if not isinstance(value, list) or any(len(loc) == 1 for loc in inside):
        return ()
    wrong = {loc[1] for loc in inside}
    return [index for index in range(len(value)) if index not in wrong]


def _items(
    model: type[BaseModel],
    kept: dict[str, object],
    raw: Mapping[str, object],
    key: str,
    places: Sequence[int],
) -> tuple[tuple[int, Any], ...]:
    """Return the items of a list that are at these places, as the model has them."""
    value = raw.get(key)
    if not places or not isinstance(value, list):
        return ()
    alone = _lenient(model).model_validate({**kept, key: [value[place] for place in places]})
    name = next(name for name, field in model.model_fields.items() if key in (name, field.alias))
    return tuple(zip(places, getattr(alone, name), strict=True))


@cache
def _lenient(model: type[M]) -> type[M]:
    """Return the model with None for what is required and not there."""
    fields: dict[str, Any] = {
        name: optional(field) for name, field in model.model_fields.items() if field.is_required()
    }
    return create_model(model.__name__, __base__=model, **fields)


def _misspelt(details: Sequence[ErrorDetails], path: Path, model: type[BaseModel]) -> set[Path]:
    """Keys that are not missing: they have another name in the file, and something is said of that one."""
    unknown = (d["loc"] for d in details if d["type"] == "extra_forbidden")
    found = ((loc, meant((*path, *loc), str(loc[-1]), _model_at(model, loc[:-1]))) for loc in unknown)
    return {(*loc[:-1], key) for loc, key in found if key is not None}


def _is_missing_as_known(detail: ErrorDetails, path: Path, broken: AbstractSet[Path]) -> bool:
    return detail["type"] == "missing" and (*path, *detail["loc"]) in broken


def _is_consequence(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    # only the valid entries of a list are counted, so wrong ones also make it too short
    where = detail["loc"]
    return detail["type"] == "too_short" and any(_is_below(d["loc"], where) for d in details)


def _is_below(path: Path, top: Path) -> bool:
    return path[: len(top)] == top != path


def _finding(
    detail: ErrorDetails, path: Path, model: type[BaseModel], akin: Callable[[], AbstractSet[str]]
) -> Finding:
    where = conceal((*path, *detail["loc"]))
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        inside = detail["loc"][:-1]
        if inside:
            return unknown_key(where, value, _model_at(model, inside), model)
        return unknown_key(where, value, model, akin=akin())
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
    if kind in ("tuple_type", "model_type", "dict_type"):
        return _other_shape(detail, where, model)
    if isinstance(value, list | dict) and detail["msg"].startswith(f"{quoted(value)} is no "):
        entry = _entry(value, detail["loc"], model)
        return Finding(where, "type", _one_value(where, value, entry))
    more = ""
    if context.get("of_field"):
        more = _range(keys(_model_at(model, detail["loc"][:-1])).get(str(where[-1])))
    return Finding(where, kind, detail["msg"] + more)


def _other_shape(detail: ErrorDetails, where: Path, model: type[BaseModel]) -> Finding:
    """A value that stands where a list or a mapping belongs."""
    value = detail["input"]
    if detail["type"] == "tuple_type":
        of_checks = where[-1] == "checks" and isinstance(value, dict)
        what, mend = "list", _NAMES_ALONE if of_checks else list_of(str(where[-1]), value)
    else:
        what, mend = "mapping", _as_mapping(detail, model)
    return Finding(where, "type", f"{quoted(value)} stands where a {what} belongs; {mend}")


def _entry(value: list[object] | dict[str, object], inside: Path, model: type[BaseModel]) -> str:
    """The entry of a list in whose place a mapping stands, "" if that is not known."""
    if not isinstance(value, dict) or len(inside) < 2 or isinstance(inside[-1], str):  # noqa: PLR2004
        return ""
    return entry_of(_model_at(model, inside[:-2]), str(inside[-2]), value)


def _one_value(where: Path, value: list[object] | dict[str, object], entry: str) -> str:
    """The message about several values, or a mapping, in the place of one value."""
    if isinstance(value, list):
        one = written(value[0]) if len(value) == 1 else "..."
        what = "one" if one == "..." else one
        return f"a list stands where one value belongs; write {what}, without [ ] and -"
    of_router = where[0] == "virtual_routers" and where[-2] == "checks"
    mend = _NAMES_ALONE if of_router else "a text with a colon and a space in it needs quotes"
    mend = f"write {entry} alone" if entry else mend
    return f"a mapping stands where one value belongs; {mend}"


def _range(field: FieldInfo | None) -> str:
    """The numbers that a field takes, as the end of a sentence."""
    if field is None:
        return ""
    least = next((each.ge for each in field.metadata if isinstance(each, Ge)), None)
    most = next((each.le for each in field.metadata if isinstance(each, Le)), None)
    if least is not None and most is not None:
        return f", {least} to {most}"
    choices = _literals(field.annotation)
    return f", {' or '.join(choices)}" if choices else ""


def _as_mapping(detail: ErrorDetails, model: type[BaseModel]) -> str:
    *inside, last = detail["loc"]
    field = keys(_model_at(model, tuple(inside))).get(str(last))
    inner = None if field is None else mapping(field)
    return "write `key: value` lines" if inner is None else mapping_of(str(last), detail["input"], inner)


def _missing_key(where: Path, model: type[BaseModel]) -> Finding:
    said = meaning(model, str(where[-1])).rstrip(".")
    message = f"`{where[-1]}` is missing ({said}); add `{where[-1]}: ...`"
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
            model = next(models(keys(model)[key].annotation))
    return model
