"""One immutable picture of a router, made from what it remembers."""

from sidecar.core.params import master_down_interval
from sidecar.core.router.outlook import outlook
from sidecar.core.router.router_state import RouterState
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.snapshot import Contention, Judged, MasterSeen, RouterSnapshot
from sidecar.core.state import State


def picture(machine: RouterStateMachine, judged: Judged, now: float) -> RouterSnapshot:
    """Return the picture of a router, given how its priority came about."""
    p, router, priority = machine.params, machine.router, machine.priority
    serving = router.state is State.MASTER
    master = router.peers.master
    if serving and router.source is not None:
        master = MasterSeen(router.source, priority, router.sent_at, p.interval)
    wait = master_down_interval(priority, router.timer.interval, p.version)
    return RouterSnapshot(
        name=p.name,
        vrid=p.vrid,
        interface=p.interface,
        family=p.family,
        version=p.version,
        mode="multicast" if p.unicast is None else "unicast",
        state=router.state,
        since=router.since,
        reason=router.why,
        priority=p.priority,
        effective_priority=priority,
        vips=p.addresses,
        desired=router.lease.desired,
        owned=router.lease.owned,
        master=master,
        master_down_interval=wait,
        held_until=router.fitness.held_until,
        hosts=p.hosts,
        other_hosts=router.pair.others(now),
        cannot_send=router.sending.error,
        adopted=router.adopted,
        device="" if router.link is None else router.link.name,
        outlook=outlook(machine, machine.group.members, now),
        masters_observed=router.peers.observed(now, wait, router.since if serving else None),
        mismatches=router.peers.mismatches.current(now),
        waits_since=router.timer.since,
        contention=_contention(router),
        judged=judged,
    )


def _contention(router: RouterState) -> Contention:
    at, best_of, best = router.preemption.learnt
    return Contention(
        router.timer.wait,
        router.timer.interval,
        at,
        best,
        best_of,
        router.leaver,
        router.deaf_until,
        router.refusal.why,
        router.refusal.retry_at,
        router.source,
    )
