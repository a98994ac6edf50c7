"""The JSON Schema of the file, made from the models, for completion and help in editors.

It knows keys, their kinds of values and their ranges. Rules across keys are left to `check-config`. A
`${VARIABLE}` may stand wherever a value stands.
"""

from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sidecar.config.check.base import CheckModel
from sidecar.config.check.kinds import KINDS
from sidecar.config.meaning import meaning
from sidecar.config.model import Config
from sidecar.config.strict_model import keys, models

Schema = dict[str, Any]

_REFERENCE: Final[Schema] = {"type": "string", "pattern": r"\$\{"}
_TEXT: Final[Schema] = {"type": ["string", "number", "boolean"]}
_NAME: Final = "^[A-Za-z0-9_-]{1,32}$"
_BY_SPELLING: Final[dict[str, Schema]] = {
    "whole number": {"type": "integer"},
    "percent": {"type": ["integer", "string"]},
    "true or false": {"type": "boolean"},
    "duration": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h)$"},
    "percent or duration": {"type": "string"},
    "status ranges": {"type": ["integer", "string", "array"]},
    "mapping of names to texts": {"type": "object", "additionalProperties": _TEXT},
    "container name or `{label: key=value}`": {"type": ["string", "object"]},
}
"""Types that are no texts. The words are those of the reference."""


def schema() -> Schema:
    """Return the whole schema (draft 7, which editors know)."""
    top = _object(Config)
    top["required"] = ["virtual_routers"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "vip-sidecar",
        **top,
        "patternProperties": {"^x-": {}},
    }


def _object(model: type[BaseModel]) -> Schema:
    fields = keys(model)
    return {
        "type": "object",
        "description": (model.__doc__ or "").strip(),
        "properties": {
            name: {"description": meaning(model, name), **_field(field)} for name, field in fields.items()
        },
        "required": [name for name, field in fields.items() if field.is_required()],
        "additionalProperties": False,
    }


def _field(field: FieldInfo) -> Schema:
    limits = {name: getattr(m, name) for m in field.metadata for name in ("ge", "le") if hasattr(m, name)}
    return _value(field.annotation, _word(field.metadata), limits)


def _word(metadata: Iterable[object]) -> str | None:
    """The spelling of a value, as the reference names it."""
    return next((each for each in metadata if isinstance(each, str)), None)


def _by_name(one: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": one}


def _value(annotation: Any, spelling: str | None, limits: Mapping[str, int]) -> Schema:
    """The schema of an annotation such as `Seconds | None` or `tuple[PoolServer, ...]`."""
    spelling = spelling or next(
        (m for m in getattr(annotation, "__metadata__", ()) if isinstance(m, str)), None
    )
    origin, parts = get_origin(annotation), get_args(annotation)
    if spelling is None and origin in (Union, UnionType):
        return _value(next(part for part in parts if part is not type(None)), None, limits)
    inner = next(models(annotation), None)
    if inner is not None:
        return _with_models(origin, spelling, inner)
    known = _BY_SPELLING.get(spelling or "")
    if known is None and origin is tuple:
        return {"type": "array", "items": _value(parts[0], None, {})}
    if known is None and origin is dict:
        return _by_name(_value(parts[1], None, {}))
    if known is None and origin is Literal:
        return {"anyOf": [{"enum": list(parts)}, _REFERENCE]}
    if known is None:
        return _TEXT
    bounds = {"minimum": limits["ge"]} if "ge" in limits else {}
    bounds |= {"maximum": limits["le"]} if "le" in limits else {}
    return {"anyOf": [{**known, **bounds}, _REFERENCE]}


def _with_models(origin: Any, spelling: str | None, inner: type[BaseModel]) -> Schema:
    one = {"anyOf": [_object(kind) for kind in KINDS.values()]} if inner is CheckModel else _object(inner)
    if origin is dict:
        return _by_name(one)
    if origin is tuple or (spelling or "").startswith("list"):
        return {"type": "array", "items": {"anyOf": [one, {"type": "string"}]} if spelling else one}
    if spelling is not None:  # as `damping: false`
        return {"anyOf": [one, {"type": "boolean"}, _REFERENCE]}
    return one
