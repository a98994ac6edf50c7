"""A step that looks only at the routers which it concerns does what one that looks at all of them does."""

from dataclasses import replace
from ipaddress import IPv4Interface
from math import inf
from random import Random

import pytest

from sidecar.core.actions import Action, DropVips, HoldVips, TrySending
from sidecar.core.events import (
    Event,
    InterfaceChanged,
    InterfaceState,
    PacketReceived,
    SendTried,
    Started,
    VipsDropped,
    VipsHeld,
    VipsObserved,
)
from sidecar.core.health.params import CheckParams, DampingParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.core.schedule import Times
from sidecar.core.stall import Stalled
from sidecar.core.wire.advert import GROUP_V4, Advert, encode
from sidecar.core.wire.constants import TTL
from tests.unit.core.stage import MAC, PEER, US, router, verdict

DAMPED = DampingParams(free=0, hold=2, most=8, forget=60)
ROUTERS = tuple(
    replace(
        router(100 + 20 * number, checks=("http",), damping=DAMPED),
        name=f"r{number}",
        interface=f"eth{number % 3}",
        vrid=number + 1,
        addresses=(IPv4Interface(f"10.77.{number}.100/32"),),
    )
    for number in range(5)
)
PARAMS = NodeParams("a", ROUTERS, (CheckParams("http", "http", max_age=4.0),), (("r1", "r2"), ("r3", "r4")))


def everybody(node: Node) -> None:
    """Let a node look at all of its routers in each step."""
    routers = list(node._elections.values())
    for election in routers:
        node._schedule.touch(election)
    node._schedule.overslept = lambda now: routers  # type: ignore[method-assign]  # noqa: ARG005


def link(rng: Random) -> InterfaceChanged:
    up = rng.random() < 0.7
    return InterfaceChanged(f"eth{rng.randrange(3)}", InterfaceState(2, up, MAC, (US,)))


def packet(rng: Random) -> PacketReceived:
    params = rng.choice(ROUTERS)
    advert = Advert(params.vrid, rng.choice((0, 1, 90, 200, 255)), 100, (params.addresses[0].ip,))
    payload = encode(advert, PEER, GROUP_V4, pseudo_header=True)
    return PacketReceived(params.interface, PEER, GROUP_V4, TTL, payload)


def answers(actions: list[Action], rng: Random, now: float) -> list[Event]:
    """The usual answers of the kernel to commands."""
    told: list[Event] = []
    for action in actions:
        match action:
            case HoldVips() if rng.random() < 0.95:
                told.append(VipsHeld(action.router, now, None if rng.random() < 0.95 else "EPERM"))
            case DropVips() if rng.random() < 0.97:
                told.append(VipsDropped(action.router))
            case TrySending():
                told.append(SendTried(action.router))
            case _:
                pass
    return told


def happenings(rng: Random, now: float) -> list[Event]:
    match rng.randrange(8):
        case 0:
            return [link(rng)]
        case 1:
            return [verdict("http", up=rng.random() < 0.7, at=now)]
        case 2:
            return [Stalled(rng.uniform(0.1, 3))]
        case 3:
            return [VipsObserved(rng.choice(ROUTERS).name, frozenset())]
        case 4 | 5:
            return [packet(rng) for _ in range(rng.randrange(1, 4))]
        case _:
            return []


@pytest.mark.parametrize("seed", range(60))
def test_nobody_who_is_not_concerned_would_have_acted(seed: int) -> None:
    rng = Random(seed)  # noqa: S311  # repeatable misfortune
    lean, eager = Node(PARAMS, 0.0), Node(PARAMS, 0.0)
    events: list[Event] = [Started(), *(InterfaceChanged(f"eth{n}", link(rng).state) for n in range(3))]
    now, acted = 0.0, 0
    for _ in range(150):
        everybody(eager)
        actions = lean.step(events, now)
        assert actions == eager.step(events, now)
        assert lean.deadline == eager.deadline
        assert lean.snapshot(now) == eager.snapshot(now)
        acted += len(actions)
        events = answers(actions, rng, now)
        if not events:
            ahead = rng.choice((rng.uniform(0.0, 0.3), rng.uniform(0.0, 6.0) if rng.random() < 0.1 else 0.0))
            now = max(now, min(lean.deadline, now + 5.0) if rng.random() < 0.7 else now + ahead)
            events = happenings(rng, now)
    assert acted > 50


def test_a_router_that_is_not_due_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node(PARAMS, 0.0)
    ticked: list[str] = []
    for election in node._elections.values():
        monkeypatch.setattr(election, "tick", lambda _, name=election.params.name: ticked.append(name))
    node.step([], 0.0)
    assert ticked == []
    node.step([VipsDropped("r0")], 0.1)
    assert ticked == ["r0"]
    node.step([VipsDropped("r1")], 0.2)
    assert ticked == ["r0", "r1", "r2"]


def test_a_node_in_which_nothing_is_under_way_waits_for_ever() -> None:
    assert Node(PARAMS, 0.0).deadline == inf


def test_the_times_of_names_are_taken_as_a_plain_dictionary_would_say() -> None:
    rng, times, plain, now = Random(1), Times(), dict[str, float](), 0.0  # noqa: S311
    for _ in range(20_000):
        name = rng.choice("abcdefgh")
        plain[name] = inf if rng.random() < 0.2 else now + rng.randrange(10)
        times.set(name, plain[name])
        assert times.next == min(plain.values())
        if rng.random() < 0.2:
            now += rng.randrange(3)
            due = {name for name, at in plain.items() if at <= now}
            taken = times.take(now)
            assert len(taken) == len(due)
            assert set(taken) == due
            plain = {name: at for name, at in plain.items() if name not in due}
            assert times.next == min(plain.values(), default=inf)
        assert len(times._heap) <= 4 * 8 + 1
