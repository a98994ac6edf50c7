"""A mapping of the file as its model, as rules see it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from sidecar.config.mistake import Path

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Entry(Generic[M]):
    """A mapping of the file as its model.

    `given` are the keys that the file has. `wrong` are the keys that `model` lacks because of a mistake: they
    have their defaults there, None where they are required. Rules about the other keys still run; a rule must
    not look at a wrong one. `inside` are the mappings below wrong keys, as far as they are right, and `parts`
    the right items of wrong lists, with their places.
    """

    path: Path
    model: M
    given: frozenset[str]
    wrong: frozenset[str]
    inside: "tuple[Entry[Any], ...]" = ()
    parts: Mapping[str, tuple[tuple[int, Any], ...]] = field(default_factory=dict)

    def items(self, key: str) -> Iterator[tuple[int, Any]]:
        """Yield the items of a list that are right, with their places: a wrong one hides none beside it."""
        if key in self.wrong:
            yield from self.parts.get(key, ())
        else:
            yield from enumerate(getattr(self.model, key) or ())
