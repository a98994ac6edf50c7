"""Effects that missing results must have, and must not have."""

from functools import partial
from math import inf

from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.core.stall import THAW
from sidecar.core.state import Reason
from tests.sim.host.host import Host
from tests.sim.monitors.history import History

LOOK = 0.1
"""Seconds between two looks at what a host believes."""
SHORTLY = 0.05
"""Seconds by which a host may be late to see that a verdict is stale."""


class Staleness:
    """Compares what a host believes with the true times of its checks' results."""

    def __init__(self, history: History) -> None:
        self._history = history

    def look(self, host: Host) -> None:
        """See what a host believes, again and again."""
        if stale := _stale_believed(host):
            self._history.fail("stale-believed", f"host {host.number} {stale}")
        self._history.timeline.after(LOOK, partial(self.look, host))

    def moved(self, host: Host, reason: Reason) -> None:
        """A host is no longer MASTER, or no more in the state that led there."""
        if reason is Reason.HEALTH and (lost := _lost_before_stale(host)):
            self._history.fail("lost-before-stale", f"host {host.number} {lost}")


def _lost_before_stale(host: Host) -> str:
    """A master leaves because of its checks: one has failed, or nothing was heard of it for too long."""
    observer, now = host.observer, host.timeline.now
    if (
        observer.pace is None
        or not all(host.good.values())
        or now < observer.ill_at + observer.certainty.settled_within
    ):
        return ""
    if any(now >= observer.stale_since(name, told=True) for name in host.good):
        return ""
    ages = {name: round(now - observer.results.told_at[name], 3) for name in host.good}
    return f"leaves, and its checks are well: seconds since their last results {ages}"


def _believed_until(host: Host, name: str) -> float:
    """Return when a check is stale; one without a verdict since a restart when its last life is no more."""
    until = host.observer.stale_since(name)
    fresh = host.observer.results.produced_at.get(name, -inf) >= host.process.born_at
    return until if fresh else max(until, host.trusted_until)


def _stale_believed(host: Host) -> str:
    """A host whose checks nobody confirms is not fit."""
    now = host.timeline.now
    if host.node is None or host.frozen or host.process.stalled:
        return ""
    slack = SHORTLY + THAW * host.was_paused
    stale = [name for name in host.good if now > _believed_until(host, name) + slack]
    if not stale or host.node.snapshot(host.clock).routers[0].effective_priority == UNFIT_PRIORITY:
        return ""
    return f"believes {', '.join(stale)}"
