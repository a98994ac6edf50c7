"""The base of every model of the file."""

import os
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from sidecar.config.rules import Rule

# Plugins of other packages have no business with this file, and pydantic searches all packages for them.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


class StrictModel(BaseModel):
    """Frozen, refuses unknown keys, never prints its input; the string under a field is its documentation.

    A model is built when it is used first: of all kinds of checks a file has few.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    rules: ClassVar[tuple[Rule[Any], ...]] = ()
    """Questions about keys beside each other, and about values that are spelled right."""


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by their names in the file, those first that its base does not have."""
    annotated = (name for each in model.__mro__ for name in vars(each).get("__annotations__", ()))
    fields = {name: model.model_fields[name] for name in annotated if name in model.model_fields}
    return {field.alias or name: field for name, field in fields.items()}


def optional(field: FieldInfo) -> tuple[Any, Any]:
    """A field as `create_model` takes it, with its default, or None if it is required."""
    named = Field(alias=field.alias)
    default = None if field.is_required() else field.default
    return Annotated[(field.annotation, *field.metadata, named)], default


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation such as `Unicast | None` or `tuple[HmacKey, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


def mapping(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a key that has one mapping, and not a list of them or mappings by name."""
    several = any(
        get_origin(part) in (dict, tuple) for part in (field.annotation, *get_args(field.annotation))
    )
    return None if several else next(models(field.annotation), None)
