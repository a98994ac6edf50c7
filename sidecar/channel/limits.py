"""Bounds of values, written as `Annotated[int, Range(1, 255)]`, and the bounds of whatever says nothing."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Range:
    """Least and greatest value of an int or a float, which may be infinite only within an infinite bound."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Most:
    """Greatest length: bytes of a str (as UTF-8) or of bytes, elements of a tuple or frozenset."""

    number: int


@dataclass(frozen=True, slots=True)
class Infinite:
    """A float that may also be plus or minus infinity. No float may be NaN, marked or not."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A str of at most so many bytes, of which a longer one loses its end. For text that people read.

    Bytes that are no Unicode (a name of a file may hold anything) are replaced.
    """

    number: int


INTEGER: Final = Range(-(2**63), 2**63 - 1)
TEXT: Final = Most(4096)
BYTES: Final = Most(4096)
ELEMENTS: Final = Most(1024)
