"""The servers that get requests: the outcome of a decision about a pool, before it is text."""

from dataclasses import dataclass, field
from enum import StrEnum


class Mode(StrEnum):
    """How a lineup came about; the value is a label and a word of the status."""

    NORMAL = "normal"
    FAIL_OPEN = "fail_open"
    """No server passes, so all of them get requests: a wrong check must not be an outage."""
    SORRY = "sorry"
    """No server passes, so the sorry server gets all requests."""
    EMPTY = "empty"
    """No address of any server is known. nginx answers 502 and can still load its configuration."""


@dataclass(frozen=True, slots=True)
class UpstreamServer:
    """One address in the lineup. `note`, for people, is no part of what is compared."""

    address: str
    weight: int
    serves: bool
    note: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Upstream:
    """All addresses in the order of the file. `sorry` is set in mode SORRY alone."""

    mode: Mode
    places: tuple[UpstreamServer, ...]
    sorry: str | None = None

    @property
    def in_service(self) -> frozenset[str]:
        """The addresses that get requests."""
        serving = frozenset(place.address for place in self.places if place.serves)
        return serving | {self.sorry} if self.sorry else serving
