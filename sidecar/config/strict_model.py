"""The base of every model of the file."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from sidecar.config.rules import Rule


class StrictModel(BaseModel):
    """Frozen, refuses unknown keys, never prints its input; the string under a field is its documentation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    rules: ClassVar[tuple[Rule[Any], ...]] = ()
    """What is asked about keys beside each other, and about values that are spelled right."""


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by their names in the file, those first that its base does not have."""
    annotated = (name for each in model.__mro__ for name in vars(each).get("__annotations__", ()))
    fields = {name: model.model_fields[name] for name in annotated if name in model.model_fields}
    return {field.alias or name: field for name, field in fields.items()}


def optional(field: FieldInfo) -> tuple[Any, Any]:
    """A field as `create_model` takes it, with its default, or None if it is required."""
    named = Field(alias=field.alias, description=field.description)
    default = None if field.is_required() else field.default
    return Annotated[(field.annotation, *field.metadata, named)], default
