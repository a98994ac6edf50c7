"""A finding of an examination: a problem with its evidence and its remedy, or that something was not seen."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How urgent a problem is."""

    FAULT = "fault"
    """Visitors are not served, or will not be after the next failover."""
    WARNING = "warning"
    """A person has to look; it may be as it should be."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. Each text is one line; `mend` is a command, a line of a file, or an instruction.

    `router` is the name of a virtual router, "" if it is about the host.
    """

    router: str
    severity: Severity
    what: str
    evidence: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something could not be looked at; `why` is a clause that says so."""

    why: str
