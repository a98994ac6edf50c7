"""The request of an HTTP probe besides its URL, and the answer that it accepts."""

from dataclasses import dataclass, field
from enum import StrEnum


class Method(StrEnum):
    """Methods of requests without a body."""

    GET = "GET"
    HEAD = "HEAD"
    OPTIONS = "OPTIONS"
    POST = "POST"


@dataclass(frozen=True, slots=True)
class Header:
    """One header of a request. Its value may be a password of the target, so it is not printed."""

    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StatusRange:
    """Status codes from `low` to `high`, both included."""

    low: int
    high: int

    def __contains__(self, status: int) -> bool:
        return self.low <= status <= self.high


@dataclass(frozen=True, slots=True)
class Expect:
    """Conditions on the answer. `regex` is a pattern of Python; it is compiled where it is searched for."""

    status: tuple[StatusRange, ...] = (StatusRange(200, 399),)
    body: str | None = None
    regex: str | None = None
