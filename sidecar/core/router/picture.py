"""One immutable picture of a router, made from what it remembers."""

from sidecar.core.params import master_down_interval
from sidecar.core.router.outlook import outlook
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.snapshot import Contention, Judged, MasterSeen, RouterSnapshot
from sidecar.core.state import State


class Painter:
    """Makes the pictures of one router: they are made often, so what is the same is made once."""

    def __init__(self, machine: RouterStateMachine) -> None:
        self._machine = machine
        self._key: tuple[object, ...] = ()
        self._contention = Contention()

    def picture(self, judged: Judged, now: float) -> RouterSnapshot:
        """Return the picture of this moment, given how the priority came about."""
        router = self._machine.router
        timer, refusal = router.timer, router.refusal
        learnt = router.preemption.learnt
        key = (
            timer.wait,
            timer.interval,
            *learnt,
            router.leaver,
            router.ignored_until,
            refusal.why,
            refusal.retry_at,
            router.source,
        )
        if key != self._key:
            self._key, self._contention = key, Contention(*key)
        return _picture(self._machine, self._contention, judged, now)


def _picture(
    machine: RouterStateMachine, contention: Contention, judged: Judged, now: float
) -> RouterSnapshot:
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
        unadvertised=router.unadvertised,
        outlook=outlook(machine, machine.group.members, now),
        masters_observed=router.peers.observed(now, wait, router.since if serving else None),
        mismatches=router.peers.mismatches.current(now),
        waits_since=router.timer.since,
        contention=contention,
        judged=judged,
        hook=router.hooks.waits_for,
    )
