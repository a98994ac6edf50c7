"""One thing that is wrong on the LAN of a router, as people are told of it."""

from dataclasses import dataclass
from enum import StrEnum

from sidecar.core.address import Address


class LanKind(StrEnum):
    """The kinds of findings, the worst first."""

    TWO_HOLDERS = "two_holders"
    """Two hosts have a VIP at the same time."""
    VIP_ANSWERED = "vip_answered"
    """A machine that is no known VRRP host answers for a VIP."""
    OTHER_SPEAKER = "other_speaker"
    """Another program of this host advertises for a router."""
    TWO_SPEAKERS = "two_speakers"
    """Two programs of another host advertise for a router."""
    SILENT_MASTER = "silent_master"
    """Nothing was heard of a master since this host took over from it."""


FAULTS = frozenset({LanKind.TWO_HOLDERS, LanKind.VIP_ANSWERED, LanKind.OTHER_SPEAKER})
"""The kinds with which the service is broken now: exit code 2."""


@dataclass(frozen=True, slots=True)
class LanFinding:
    """One finding. `source` and `mac` are those of the other machine; None where they are not known."""

    kind: LanKind
    router: str
    sentence: str
    source: Address | None = None
    mac: str | None = None

    @property
    def fault(self) -> bool:
        """Whether the service is broken now."""
        return self.kind in FAULTS
