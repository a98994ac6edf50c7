"""Values in the replies of an engine. They come from outside: of a wrong type they read as empty."""

from collections.abc import Mapping, Sequence
from typing import Any


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[Any]:
    """Return a list."""
    return value if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return a text."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int:
    """Return a whole number."""
    return value if isinstance(value, int) else 0
