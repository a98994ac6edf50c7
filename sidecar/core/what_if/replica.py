"""A node that is as another one was when its picture was made, and acts by the same rules.

It is meant to be alone with time (future.py): its checks never grow stale, its adverts are multicast and
unsigned. So it differs from the original in nothing that an election depends on. A picture does not show,
and so a copy does not know, a second master beside this host and what is under way between the core and the
kernel. Neither may be there.
"""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from math import inf
from typing import Final

from sidecar.core.address import Address
from sidecar.core.events import InterfaceState
from sidecar.core.health.drain_events import DrainAsked
from sidecar.core.health.effective_priority import EffectivePriority, Inherited
from sidecar.core.health.observer_events import CheckVerdict
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.judgement import Judgement
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.past import Past
from sidecar.core.router.router_state import RouterState
from sidecar.core.snapshot import RouterSnapshot, Snapshot
from sidecar.core.state import State

_NOWHERE: Final[dict[int, Address]] = {4: IPv4Address("0.0.0.0"), 6: IPv6Address("::")}
"""Stands for the address of a host that has none now: it is in FAULT, and stays there."""


def replica(params: NodeParams, shown: Snapshot, now: float) -> Node:
    """Return a copy of the routers of these parameters, as they are shown, at this time."""
    alone = replace(
        params,
        routers=tuple(replace(router, unicast=None, hmac=None, password=None) for router in params.routers),
        checks=tuple(replace(check, max_age=None) for check in params.checks),
    )
    pictures = {router.name: router for router in shown.routers}
    judgement = Judgement(alone, inf, now)
    for verdict in _verdicts(alone, shown.checks):
        judgement.verdicts.hear(verdict, now)
    for router in alone.routers:
        judgement.restore(router.name, pictures[router.name].judged)
    if any(pictures[router.name].judged.drained for router in alone.routers):
        until = inf if shown.drained_until is None else shown.drained_until
        judgement.drain.hear(DrainAsked(until, "drained"))
    states = {router.name: _state(router, pictures[router.name], now) for router in alone.routers}
    return Node(alone, now, inf, Past(states, judgement))


def _verdicts(params: NodeParams, shown: Iterable[CheckSnapshot]) -> Iterable[CheckVerdict]:
    names = {check.name for check in params.checks}
    for check in shown:
        if check.name in names:
            yield CheckVerdict(
                check.name,
                check.up,
                unknown=False,
                detail=check.detail,
                since=check.since,
                reported_at=check.reported_at,
            )


def _state(params: RouterParams, shown: RouterSnapshot, now: float) -> RouterState:
    state = RouterState.begin(params, now)
    state.state, state.since, state.why = shown.state, shown.since, shown.reason
    state.adopted = shown.adopted
    judged, priority = shown.judged, shown.effective_priority
    state.fitness = EffectivePriority(
        priority, judged.fit, held_until=shown.held_until, failures=judged.failures, drained=judged.drained
    )
    if judged.inherited_until is not None:
        state.inherited = Inherited(priority, judged.inherited_until)
    state.sending.error = shown.cannot_send
    _prepare(state, shown)
    _wait(state, shown)
    if shown.state is State.MASTER:
        _serve(state, params, shown, now)
    return state


def _prepare(state: RouterState, shown: RouterSnapshot) -> None:
    """The ground is swept, and the interface is there, unless the router is in FAULT for something else."""
    contention = shown.contention
    state.lease.swept, state.link_known = True, True
    state.source = contention.source or _NOWHERE[shown.family]
    state.link = InterfaceState(1, up=True, mac=bytes(6), addresses=(state.source,), name=shown.device)
    state.refusal.why, state.refusal.retry_at = contention.refused, contention.retry_at
    if shown.state is State.FAULT and not contention.refused:
        state.lease.obstacle = shown.reason


def _wait(state: RouterState, shown: RouterSnapshot) -> None:
    """The facts that a backup decides by."""
    contention, master = shown.contention, shown.master
    state.timer.restart(shown.waits_since, contention.interval, contention.wait)
    state.preemption.learn(contention.preempt_at, contention.best, contention.best_of)
    state.leaver, state.ignored_until = contention.leaver, contention.ignored_until
    if master is not None and shown.state is not State.MASTER:
        state.peers.hear(master.source, master.priority, master.interval, master.heard_at)


def _serve(state: RouterState, params: RouterParams, shown: RouterSnapshot, now: float) -> None:
    """The VIPs are here, and the last advert is as old as it is shown, but no older than an interval."""
    sent_at = now if shown.master is None else max(shown.master.heard_at, now - params.interval)
    state.lease.adopt(sent_at + params.lease)
    state.lease.owned = shown.owned
    state.spoken, state.sent_at, state.advert_at = state.source, sent_at, sent_at + params.interval
