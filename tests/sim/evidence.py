"""Limits of a host that cannot be heard, and evidence that is needed before a fault is over."""

from typing import TYPE_CHECKING

from sidecar.core.actions import Action, Transition
from sidecar.core.address import Address
from sidecar.core.events import Event, InterfaceChanged, PacketReceived, VipsDropped, VipsHeld, VipsObserved
from sidecar.core.health.damping import ONE_EVENT
from sidecar.core.state import Reason, State

if TYPE_CHECKING:
    from tests.sim.host import Host

_EVIDENCE = (InterfaceChanged, VipsObserved, VipsDropped, VipsHeld)


def fault_that_ended_by_time(events: list[Event], actions: list[Action]) -> str:
    """A fault is over because something was seen, not because it was waited for."""
    for moved in actions:
        if isinstance(moved, Transition) and (moved.old, moved.new) == (State.FAULT, State.BACKUP):
            return "" if any(isinstance(event, _EVIDENCE) for event in events) else str(moved)
    return ""


def fault_that_cost_nothing(host: "Host", actions: list[Action], now: float) -> str:
    """Each fault, and each master that nobody heard, counts for flap damping."""
    if host.node is None or host.params.routers[0].damping is None:
        return ""
    for moved in actions:
        if not isinstance(moved, Transition):
            continue
        faulty = moved.new is State.FAULT and moved.old is not State.INIT
        if (faulty or moved.reason is Reason.SEND) and now - host.node._judgement._dampings[
            "web"
        ].failed_at > ONE_EVENT:
            return str(moved)
    return ""


def hears_a_master(host: "Host") -> bool:
    """Whether this host has just heard somebody who serves."""
    if host.node is None:
        return False
    election = host.node._elections["web"]
    master = election.router.peers.master
    return master is not None and host.clock - master.heard_at < 2 * election.router.timer.interval


def is_claim(event: Event, rogues: frozenset[Address]) -> bool:
    """Whether this is an advertisement of a host that serves."""
    if not isinstance(event, PacketReceived) or event.source in rogues:
        return False
    return len(event.payload) > 2 and event.payload[2] > 0
