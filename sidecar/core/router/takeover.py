"""A takeover that is under way: decided, and waiting for the kernel."""

from dataclasses import dataclass, replace
from typing import Final

from sidecar.core.address import Address
from sidecar.core.priorities import OWNER
from sidecar.core.router.down_timer import DownTimer
from sidecar.core.router.peers import serves
from sidecar.core.snapshot import MasterSeen
from sidecar.core.state import Reason


@dataclass(frozen=True, slots=True)
class Takeover:
    """Why, in one sentence, and since when."""

    reason: Reason
    detail: str
    decided_at: float


def decide(
    mine: int, master: MasterSeen | None, leaver: Address | None, timer: DownTimer, now: float
) -> Takeover:
    """Name the cause of a takeover, given our priority, who was heard last and who resigned last."""
    if mine == OWNER:
        return Takeover(Reason.OWNER, "priority 255: this node owns the addresses", now)
    if master is not None and serves(master, timer.interval, now):
        detail = f"{master.source} served with priority {master.priority}, ours was {mine}"
        return Takeover(Reason.PREEMPT, detail, now)
    if timer.hastened:
        return Takeover(Reason.PRIORITY_ZERO, f"{leaver} resigned (priority 0)", now)
    who = "any master" if master is None else str(master.source)
    return Takeover(Reason.MASTER_DOWN, f"no advertisement of {who} for {now - timer.since:.2f} s", now)


_BY_SILENCE: Final = frozenset({Reason.MASTER_DOWN, Reason.PRIORITY_ZERO})


def with_refusals(takeover: Takeover, refused: str) -> Takeover:
    """Add what was heard and refused meanwhile: for a takeover by silence it is a part of the cause."""
    if takeover.reason not in _BY_SILENCE:
        return takeover
    return replace(takeover, detail=takeover.detail + refused)
