"""The next step of a router in words and numbers. Pure.

Moments of the clock are UTC, as in the rest of the status.
"""

import time

from sidecar.core.snapshot import MasterSeen, RouterSnapshot, Step
from sidecar.core.state import State
from sidecar.telemetry import document


def next_step(router: RouterSnapshot, now: float, wall: float) -> document.Next:
    """Return what the router does next. `wall` is the moment `now` of the core's clock, in Unix seconds."""
    at = router.outlook.at
    left = None if at is None else at - now
    return {
        "step": router.outlook.step.value,
        "at": None if left is None else round(wall + left, 3),
        "in_seconds": None if left is None else round(left, 3),
        "sentence": _sentence(router, left, wall),
    }


def _sentence(router: RouterSnapshot, left: float | None, wall: float) -> str:
    clock = "" if left is None else time.strftime("%H:%M:%S UTC", time.gmtime(wall + left))
    match router.outlook.step:
        case Step.TAKES_OVER:
            return f"takes over {_soon(left)}{_unless(router)}"
        case Step.STARTUP_DELAY:
            return f"waits until {clock} (startup_delay); then takes over{_unless(router)}"
        case Step.FOLLOWS:
            return _follows(router)
        case Step.HELD_DOWN:
            failures = _ordinal(router.outlook.failures)
            return f"held down until {clock} after the {failures} failure; then preempts {_of(router.master)}"
        case Step.PREEMPT_DELAY:
            return f"waits until {clock} (preempt_delay); then preempts {_of(router.master)}"
        case Step.ASKS_KERNEL:
            return f"asks the kernel for the VIPs again {_soon(left)}"
        case step:
            return _SENTENCES[step]


_SENTENCES = {
    Step.STARTS: "listens for a master as soon as the interface is known and leftovers are removed",
    Step.STOPS: "ends; it takes over no more",
    Step.SERVES: "serves until it fails, is stopped or hears a better master",
    Step.SERVES_UNFIT: "serves although this host is unfit, because no host that is fit is heard (fail open)",
    Step.SYNC_GROUP: "waits: another router of its sync group cannot take over, or hears a better master",
    Step.FAULT: "takes over nothing until the cause of the fault is gone",
}


def _follows(router: RouterSnapshot) -> str:
    waits = f"takes over after {router.master_down_interval:.2f} s of silence"
    if router.master is None:
        return waits
    lesser = router.master.priority < router.effective_priority and router.state is State.BACKUP
    why = ", which it does not preempt (`preempt: false`)" if lesser else ""
    return f"nothing while {router.master.source} is heard{why}; {waits}"


def _unless(router: RouterSnapshot) -> str:
    return "" if router.effective_priority == 255 else ", unless a better master is heard"  # noqa: PLR2004


def _soon(left: float | None) -> str:
    return "now" if left is None or left <= 0 else f"in {left:.1f} s"


def _of(master: MasterSeen | None) -> str:
    return "the master" if master is None else str(master.source)


def _ordinal(number: int) -> str:
    last = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"
