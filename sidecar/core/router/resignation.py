"""A priority 0 that is owed to the peers: a router that has given up its VIPs sends it once.

Mostly it follows at once, when the kernel has removed the VIPs. It comes late when the link was down, after
a stall, or when the VIPs were those of an earlier process that was killed. Then another host may serve: a
host that was replaced sends nothing. So a late one is sent only while no peer can have taken over by its
timer, and not after another master was heard. Sent too late it could make a second master: a keepalived
backup believes priority 0 from anybody, while the sidecar does so only from the master that it follows.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

from sidecar.core.state import Reason

RESIGNS: Final = frozenset(
    {Reason.ADDRESS, Reason.DRAIN, Reason.HEALTH, Reason.VIP, Reason.SHUTDOWN, Reason.SYNC}
)
"""Causes of leaving MASTER that peers should hear of at once. After a lost election they know better."""
_LATE: Final = {
    Reason.LINK: "the interface could not be used, and the VIPs are gone since",
    Reason.STALL: "the claim ran out while this process did not run",
}
"""Causes that peers should hear of when that is possible again, if nobody has taken over by then."""


@dataclass(slots=True)
class Resignation:
    """At most one is owed. Times are seconds of the core's clock."""

    until: float = -inf
    """When it is no news any more."""
    detail: str = ""
    """Why it is late, "" if it is not."""

    def owe(self, until: float, detail: str = "") -> None:
        """Say priority 0 as soon as that is possible and true, until then at the latest."""
        self.until, self.detail = until, detail

    def leaving(self, reason: Reason, sent_at: float, interval: float, now: float) -> bool:
        """Owe what peers should hear of this cause of leaving MASTER; return whether it is anything.

        `sent_at`: when the last advertisement was sent. `interval` in seconds.
        """
        if reason in RESIGNS:
            self.owe(now + interval)
        elif reason in _LATE:
            self.owe(sent_at + 3 * interval, _LATE[reason])
        return reason in RESIGNS or reason in _LATE

    def cancel(self) -> None:
        """Owe nothing."""
        self.until = -inf

    def replaced(self) -> None:
        """Another master was heard: what is late need not be said any more."""
        if self.detail:
            self.cancel()

    def due(self, now: float) -> bool:
        """Whether it is owed and still news."""
        return now < self.until
