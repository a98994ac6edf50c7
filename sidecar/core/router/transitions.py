"""The states of a virtual router (RFC 9568 section 6.4) and every way from one to another.

The table is enforced where a router moves. Counters of transitions and the diagram in docs/states.md are made
from it.
"""

from typing import Final

from sidecar.core.state import Reason, State

_CANNOT_HOLD: Final = (Reason.LINK, Reason.ADDRESS, Reason.VIP)
_TAKES_OVER: Final = (Reason.MASTER_DOWN, Reason.PRIORITY_ZERO, Reason.PREEMPT, Reason.OWNER)
_YIELDS: Final = (
    Reason.HIGHER_PRIORITY,
    Reason.HEALTH,
    Reason.DRAIN,
    Reason.SEND,
    Reason.STALL,
    Reason.SYNC,
)

TRANSITIONS: Final[dict[tuple[State, State], tuple[Reason, ...]]] = {
    (State.INIT, State.BACKUP): (Reason.STARTUP,),
    (State.INIT, State.FAULT): _CANNOT_HOLD,
    (State.BACKUP, State.MASTER): _TAKES_OVER,
    (State.BACKUP, State.FAULT): _CANNOT_HOLD,
    (State.MASTER, State.BACKUP): _YIELDS,
    (State.MASTER, State.FAULT): _CANNOT_HOLD,
    (State.FAULT, State.BACKUP): (Reason.RECOVERED,),
    # A kernel that has refused is asked again when this router would serve, and may give the VIPs.
    (State.FAULT, State.MASTER): _TAKES_OVER,
    (State.BACKUP, State.INIT): (Reason.SHUTDOWN,),
    (State.MASTER, State.INIT): (Reason.SHUTDOWN,),
    (State.FAULT, State.INIT): (Reason.SHUTDOWN,),
}
"""The causes of each transition that there is. A state is never entered from itself."""


class IllegalTransitionError(Exception):
    """A router would move where it cannot: a bug here, and no state of the network."""

    def __init__(self, old: State, new: State, reason: Reason) -> None:
        super().__init__(f"no transition from {old} to {new} for {reason}")


def check(old: State, new: State, reason: Reason) -> None:
    """Raise IllegalTransitionError unless a router may move like this."""
    if reason not in TRANSITIONS.get((old, new), ()):
        raise IllegalTransitionError(old, new, reason)
