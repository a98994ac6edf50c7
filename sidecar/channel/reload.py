"""Messages between the processes of one sidecar about a reload.

The observer asks for one and is given no choice: parameters come from the configuration child alone. It gets
the new plan as it got the first one, between Exchange and the last piece, says whether it could listen where
that says, and exchanges its parts when the router has decided.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from sidecar.channel.codec import Codec
from sidecar.channel.limits import Cut, Most, Range
from sidecar.channel.package import Package
from sidecar.channel.parameters import CHECKS

SOCKETS: Final = Range(0, 64)
NUMBER: Final = Range(0, 2**63 - 1)
TOLD: Final = Most(40 * 1024)
"""Bytes of the plan of changes: it fits into one message."""
WHY: Final = Cut(2048)
LARGEST_EXCHANGE: Final = 512 * 1024
"""Bytes of a plan that an observer at work is given: it waits with everything else that is told."""


class ReloadResult(StrEnum):
    """The outcome of a reload. A reload that is not applied has touched nothing."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    PLANNED = "planned"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reading:
    """The configuration child's answer about the file of a reload.

    `package` is None if the file is wrong; then `why` is one sentence. `told` is the plan of changes, or the
    mistakes, as JSON that the router only passes on.
    """

    package: Package | None
    why: Annotated[str, WHY]
    told: Annotated[bytes, TOLD]


READING: Final[Codec[Reading]] = Codec(Reading)


# ---- up


@dataclass(frozen=True, slots=True)
class ReloadAsked:
    """Somebody asks for a reload, or with `dry_run` for what it would change. The answer has this number."""

    number: Annotated[int, Range(1, 2**63 - 1)]
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """The observer has this plan and listens where it says; `why`: it cannot."""

    number: Annotated[int, NUMBER]
    why: Annotated[str, WHY] = ""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """From this message on the observer counts checks as in this plan."""

    number: Annotated[int, NUMBER]


# ---- down


@dataclass(frozen=True, slots=True)
class Exchange:
    """Another plan follows: the rules of so many checks, and pieces, as at the beginning."""

    number: Annotated[int, NUMBER]
    checks: Annotated[int, Range(0, CHECKS.number)]


@dataclass(frozen=True, slots=True)
class MoreSockets:
    """With this message come sockets for echo requests, `ipv4` of them, then `ipv6`, that a plan needs."""

    ipv4: Annotated[int, SOCKETS]
    ipv6: Annotated[int, SOCKETS]


@dataclass(frozen=True, slots=True)
class Commit:
    """The plan counts: every index refers to it from now on."""

    number: Annotated[int, NUMBER]


@dataclass(frozen=True, slots=True)
class Abandon:
    """It does not count."""

    number: Annotated[int, NUMBER]


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A reload is over. `asked`: the number of the wish; 0: it came by a signal."""

    asked: Annotated[int, NUMBER]
    result: ReloadResult
    why: Annotated[str, WHY] = ""
    told: Annotated[bytes, TOLD] = b""
