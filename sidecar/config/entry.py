"""A mapping of the file as its model, as rules see it."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from sidecar.config.mistake import Path

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Entry(Generic[M]):
    """A mapping of the file as its model.

    `given` are the keys that the file has. `wrong` are the keys that `model` lacks because of a mistake: they
    have their defaults there, None where they are required. Rules about the other keys still run; a rule must
    not look at a wrong one. `inside` are the mappings below wrong keys, as far as they are right.
    """

    path: Path
    model: M
    given: frozenset[str]
    wrong: frozenset[str]
    inside: "tuple[Entry[Any], ...]" = ()
