"""Peers of the sidecar in the tests, and how they talk."""

from dataclasses import dataclass

from tests.netns.bounds import QUICK
from tests.netns.frr import frr
from tests.netns.keepalived import keepalived, keepalived_2_3_3
from tests.netns.vrrp_daemon import Daemon, Setup

KEEPALIVED_2_2_7, KEEPALIVED_2_3_3, FRR = "keepalived 2.2.7", "keepalived 2.3.3", "FRR 10.3"
PEERS: dict[str, Daemon] = {KEEPALIVED_2_2_7: keepalived, KEEPALIVED_2_3_3: keepalived_2_3_3, FRR: frr}
PREFERRED, BACKUP = "preferred", "backup"
ROLES = {PREFERRED: "a", BACKUP: "b"}
"""The sidecar's role in the pair, and the host of the lab on which it then runs."""

_WHOLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """One way for the sidecar and a peer to be a pair."""

    peer: str
    version: int = 3
    family: int = 4
    unicast: bool = False
    pseudo_header: bool = True
    """False: the IPv4 checksum of version 3 as RFC 9568 has it. FRR and keepalived 2.3.3 can do both."""

    @property
    def mode(self) -> str:
        """How adverts go."""
        how = "unicast" if self.unicast else "multicast"
        return how if self.pseudo_header else f"{how}, RFC 9568 checksum"

    def __str__(self) -> str:
        return f"{self.peer} v{self.version} IPv{self.family} {self.mode}"

    @property
    def interval(self) -> float:
        """Advertisement interval in seconds: the shortest of version 2, or what a busy machine can keep."""
        return _WHOLE_SECONDS if self.version == 2 else QUICK

    @property
    def silence(self) -> float:
        """Seconds from the peer's taking the VIP to its first advert, and so in which both may have it.

        FRR cannot send the first advert of IPv6, because its macvlan has just come up.
        """
        return self.interval if self.peer == FRR and self.family == 6 else 0.0

    def setup(self) -> Setup:
        """Settings of both hosts. No checks: here daemons fail, not web servers."""
        return Setup(
            interval=self.interval,
            checks={},
            version=self.version,
            family=self.family,
            unicast=self.unicast,
            pseudo_header=self.pseudo_header,
        )


def _cases(peer: str) -> list[Case]:
    modes = (False,) if peer == FRR else (False, True)
    found = [
        Case(peer, version, family, unicast)
        for version, family in ((2, 4), (3, 4), (3, 6))
        for unicast in modes
    ]
    return found if peer == KEEPALIVED_2_2_7 else [*found, Case(peer, pseudo_header=False)]


MATRIX = tuple(case for peer in PEERS for case in _cases(peer))
