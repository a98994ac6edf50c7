"""The documentation of keys: the string under a field in the source of its model, read when it is asked for.

pydantic reads it while it makes the models, which costs a quarter of the start, and only the reference, the
schema and messages about missing keys want it.
"""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from pydantic import BaseModel


def meaning(model: type[BaseModel], key: str) -> str:
    """Return what is written under the field of a key, "" if nothing is or the source cannot be read."""
    name = next((name for name, field in model.model_fields.items() if (field.alias or name) == key), key)
    declares = (each for each in model.__mro__ if name in vars(each).get("__annotations__", ()))
    return next((_under_fields(each).get(name, "") for each in declares), "")


@cache
def _under_fields(model: type) -> Mapping[str, str]:
    try:
        source = textwrap.dedent(inspect.getsource(model))
    except (OSError, TypeError):
        return {}
    (definition,) = ast.parse(source).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
