"""Another host as known from its status: the last answer, and since when it is like that.

Times are seconds of the clock of this host. The clock of another one is never compared with it: how long that
host holds a VIP is counted from the first answer that says so.
"""

from dataclasses import dataclass, replace
from math import inf

from sidecar.telemetry.node_document import Address, NodeTold


@dataclass(frozen=True, slots=True)
class Hold:
    """A VIP that a host has: `since` is what that host says, `first` and `last` what is known here."""

    address: Address
    vrid: int
    since: float
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """Another host. `began`: since when it is asked.

    `fault` says why the last question has no answer, "" if it has one; `silent`: because nothing at all came
    back. `able_at`: when it was last seen to serve, or to be able to.
    """

    url: str
    began: float
    told: NodeTold | None = None
    read_at: float = -inf
    fault: str = "not asked yet"
    able_at: float = -inf
    holds: tuple[Hold, ...] = ()
    silent: bool = False

    def answered(self, told: NodeTold, asked_at: float, now: float) -> "NodeRecord":
        """Return the record after an answer to a question of `asked_at`: it was true in between."""
        known = {(hold.address, hold.vrid, hold.since): hold for hold in self.holds}
        claims = [(vip, router.vrid, router.since) for router in told.routers for vip in router.owned]
        holds = tuple(
            replace(known[claim], last=asked_at) if claim in known else Hold(*claim, first=now, last=asked_at)
            for claim in claims
        )
        able = told.alive and all(router.able for router in told.routers)
        return NodeRecord(
            self.url, self.began, told, now, "", now if able else self.able_at, holds if told.alive else ()
        )

    def failed(self, fault: str, *, silent: bool = False) -> "NodeRecord":
        """Return the record after a question without an answer: VIPs held before may be held no more."""
        return replace(self, fault=fault, holds=(), silent=silent)
