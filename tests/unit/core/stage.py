"""Common parts of the transcripts of the core: one router, its LAN, and words for events."""

from ipaddress import IPv4Address, IPv4Interface

from sidecar.core.actions import (
    Action,
    Command,
    DropVips,
    HoldVips,
    Identify,
    PrioritizeSenders,
    SendAdvert,
    Transition,
)
from sidecar.core.events import (
    Event,
    InterfaceChanged,
    InterfaceState,
    PacketReceived,
    Started,
    VipsDropped,
    VipsHeld,
)
from sidecar.core.health.health import Health
from sidecar.core.health.observer_events import CheckVerdict
from sidecar.core.health.params import OBSERVER_SILENCE, CheckParams
from sidecar.core.health.result import CheckReported, CheckResult
from sidecar.core.health.verdicts import CheckBelief, Verdicts
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.state import State
from sidecar.core.wire.advert import GROUP_V4, Advert, encode

VIP = IPv4Interface("10.77.0.100/32")
US = IPv4Address("10.77.0.11")
PEER = IPv4Address("10.77.0.12")
LOW_PEER = IPv4Address("10.77.0.10")
MAC = bytes.fromhex("020000000011")
LINK = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(US,)))
DOWN = InterfaceChanged("eth0", InterfaceState(2, up=False, mac=MAC, addresses=(US,)))
DROPPED = VipsDropped("web")
DROP = DropVips("web", "eth0", (VIP,))


def router(priority: int = 100, **more: object) -> RouterParams:
    """Virtual router 51 on eth0 with one VIP and an interval of 1 s."""
    return RouterParams("web", "eth0", 51, priority, (VIP,), **more)  # type: ignore[arg-type]


def node(priority: int = 100, **more: object) -> Node:
    """A node at time 0, before anything has happened."""
    return Node(NodeParams("a", (router(priority, **more),)), 0.0)


def backup(priority: int = 100, **more: object) -> Node:
    """A node that is BACKUP since 0."""
    made = node(priority, **more)
    made.step([LINK, Started()], 0.0)
    made.step([DROPPED], 0.0)
    return made


def master(priority: int = 100, at: float = 10.0, **more: object) -> Node:
    """A node that is MASTER since `at` and has just advertised; its lease counts from there."""
    made = backup(priority, **more)
    made.step([], at)
    made.step([VipsHeld("web", asked_at=at)], at)
    return made


def heard(priority: int, source: IPv4Address = PEER, interval_cs: int = 100) -> PacketReceived:
    """A valid advertisement of a peer."""
    advert = Advert(51, priority, interval_cs, (VIP.ip,))
    payload = encode(advert, source, GROUP_V4, pseudo_header=True)
    return PacketReceived("eth0", source, GROUP_V4, 255, payload)


def verdict(check: str, *, up: bool | None, detail: str = "looked", at: float = 0.0) -> CheckVerdict:
    """The observer's message about a check, by a result of this moment."""
    return CheckVerdict(check, up, unknown=False, detail=detail, since=at, reported_at=at)


def believed(check: CheckParams, *results: CheckResult) -> CheckBelief:
    """The routers' belief about a check after these results, a second apart."""
    health, verdicts = Health((check,), 0.0), Verdicts((check,), OBSERVER_SILENCE, 0.0)
    for at, result in enumerate(results, 1):
        for report in health.step([CheckReported(check.name, result)], float(at)):
            if isinstance(report, CheckVerdict):
                verdicts.hear(report, float(at))
    return verdicts.of([check.name])[0]


def state(of: Node) -> State:
    """State of the only router."""
    return of.snapshot(0.0).routers[0].state


def commands(actions: list[Action]) -> list[Action]:
    """The commands that change the network, in order. Neither a search nor the order of reading does."""
    passive = Identify, PrioritizeSenders
    return [action for action in actions if isinstance(action, Command) and not isinstance(action, passive)]


def kinds(actions: list[Action]) -> list[str]:
    """The commands by name, adverts with their priority."""
    return [
        f"SendAdvert({action.priority})" if isinstance(action, SendAdvert) else type(action).__name__
        for action in commands(actions)
    ]


def moves(actions: list[Action]) -> list[tuple[str, str, str]]:
    """The transitions as (old, new, reason)."""
    return [(str(a.old), str(a.new), str(a.reason)) for a in actions if isinstance(a, Transition)]


def hold(lease: int = 2, not_after: float = 0.0) -> HoldVips:
    """The command to hold the VIP."""
    return HoldVips("web", "eth0", (VIP,), lease, not_after)


def feed(to: Node, *steps: tuple[float, list[Event]]) -> list[Action]:
    """Step through (time, events) and return all actions."""
    return [action for now, events in steps for action in to.step(events, now)]
