"""The next step of a router, as long as no event comes.

That is: the master goes on advertising as it did, no check changes, and the kernel does what it is asked. The
answers follow from the rules by which the state machine acts, and change nothing. A master that was not heard
for two intervals is not expected to go on, and neither is one that was not heard since this host resigned.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Protocol

from sidecar.core.params import RouterParams, skew
from sidecar.core.priorities import OWNER
from sidecar.core.router.peers import serves
from sidecar.core.router.preemption import Verdict
from sidecar.core.router.router_state import RouterState
from sidecar.core.snapshot import MasterSeen, Outlook, Step, Wait
from sidecar.core.state import State


class Contender(Protocol):
    """A router and what its state machine derives."""

    params: RouterParams
    router: RouterState

    @property
    def priority(self) -> int:
        """Its effective priority."""

    @property
    def contends(self) -> bool:
        """Whether it would take over if nobody else served."""

    @property
    def asks_first(self) -> bool:
        """Whether the kernel has refused this router: the others of its group wait for another answer."""

    @property
    def claim_at(self) -> float:
        """When this router alone would take over; minus infinity: it has; infinity: it cannot."""

    @property
    def expected_at(self) -> float:
        """Likewise, if its hold-down ends first."""


def outlook(own: Contender, group: Sequence[Contender], now: float) -> Outlook:
    """Return the next step of a router whose sync group are these; it is one of them."""
    found = _together(own, group, now)
    ends = max(each.router.startup_ends(each.params, each.priority) for each in group)
    waits = found.step is Step.TAKES_OVER and found.at == ends > now
    return replace(found, step=Step.STARTUP_DELAY) if waits else found


def _together(own: Contender, group: Sequence[Contender], now: float) -> Outlook:
    """The next step, with the others of the sync group."""
    alone = _alone(own, now)
    if len(group) < 2 or alone.step is not Step.TAKES_OVER:  # noqa: PLR2004 - itself, and another one
        return _asking(own, alone)
    others = [(each, _alone(each, now)) for each in group if each is not own]
    waits = not own.asks_first and any(each.asks_first for each, _ in others)
    blocked = any(each.claim_at > -inf and seen.step is not Step.TAKES_OVER for each, seen in others)
    if waits or blocked:
        return Outlook(Step.SYNC_GROUP)
    latest = max((seen.at for _, seen in others if seen.at is not None), default=-inf)
    return _asking(own, replace(alone, at=max(alone.at or -inf, latest)))


def _asking(own: Contender, found: Outlook) -> Outlook:
    """After a refusal the kernel is asked again where the router would take over, after a hold-down, too."""
    if own.router.state is not State.FAULT or found.step in (Step.HELD_DOWN, Step.PREEMPT_DELAY):
        return found
    return Outlook(Step.ASKS_KERNEL, found.at) if found.step is Step.TAKES_OVER else Outlook(Step.FAULT)


def _alone(own: Contender, now: float) -> Outlook:
    router = own.router
    if router.stopping:
        return Outlook(Step.STOPS)
    if router.state is State.MASTER:
        return Outlook(Step.SERVES if router.fitness.fit else Step.SERVES_UNFIT)
    if router.state is State.INIT:
        return Outlook(Step.STARTS)
    if router.takeover is not None:
        waits_until = router.hooks.deadline
        return Outlook(Step.TAKES_OVER, router.takeover.decided_at if waits_until == inf else waits_until)
    if not own.contends:
        return Outlook(Step.FAULT)
    master = router.peers.master
    unheard = router.timer.wait is Wait.AFTER_US  # the first advert of anybody ends that
    if master is None or unheard or not serves(master, router.timer.interval, now):
        return Outlook(Step.TAKES_OVER, own.expected_at)
    return _beside(own, master)


def _beside(own: Contender, master: MasterSeen) -> Outlook:
    """The next step beside a master that goes on advertising."""
    router, mine, held = own.router, own.priority, own.router.fitness.held
    if mine == OWNER and not held and master.priority < OWNER:
        return Outlook(Step.TAKES_OVER, own.claim_at)
    if own.expected_at < master.heard_at + master.interval:
        return Outlook(Step.TAKES_OVER, own.expected_at)  # before its next advert
    earliest = router.earliest(own.params, mine)
    verdict, until = router.preemption.expect(master, mine, held=held)
    outwaited = router.timer.deadline_if_heard(mine)
    match verdict:
        case Verdict.OUTWAIT:
            return Outlook(Step.TAKES_OVER, min(max(outwaited, earliest), own.expected_at))
        case Verdict.REPLACE:
            asked = master.heard_at + master.interval
            replaced = asked + skew(mine, router.timer.interval, own.params.version)
            return Outlook(Step.TAKES_OVER, max(min(outwaited, replaced), earliest))
        case Verdict.FOLLOW:
            if until < inf:
                return Outlook(Step.PREEMPT_DELAY, until)
            if held and router.preemption.expect(master, mine) != (Verdict.FOLLOW, inf):
                return Outlook(Step.HELD_DOWN, router.fitness.held_until, router.fitness.failures)
            return Outlook(Step.FOLLOWS)
