"""A reload, and a process that is killed after it: its VIPs prove what counts since the reload."""

from dataclasses import replace
from ipaddress import IPv4Interface
from math import inf

import pytest

from sidecar.core.actions import Action, AdoptionDecided, HoldVips
from sidecar.core.address import Vip
from sidecar.core.events import LeaseFound, LeasesFound, Started, VipsDropped, VipsHeld, VipsObserved
from sidecar.core.health.params import CheckParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.router.lease_record import LeaseRecord, read
from sidecar.core.state import Adoption
from tests.unit.core.stage import DROPPED, LINK, VIP, kinds, master, moves, router, state, verdict

OTHER = IPv4Interface("10.77.0.101/32")
OLD = router(250)
POLLED = CheckParams("http", "http", max_age=4.0)
NOW = 100.0

PROOF_STAYS = [
    pytest.param(replace(OLD, priority=200), id="priority"),
    pytest.param(replace(OLD, preempt=False), id="preempt"),
    pytest.param(replace(OLD, name="www"), id="name"),
]
PROOF_IS_ANOTHER = [
    pytest.param(replace(OLD, addresses=(VIP, OTHER)), id="one address more"),
    pytest.param(replace(OLD, addresses=(OTHER,)), id="another address"),
    pytest.param(replace(OLD, interval_cs=300), id="interval"),
]


def params(*routers: RouterParams, **more: object) -> NodeParams:
    return NodeParams("a", routers, **more)  # type: ignore[arg-type]


def record(actions: list[Action]) -> int:
    """The number that is kept with the VIPs, of the last request."""
    return [action.record for action in actions if isinstance(action, HoldVips)][-1]


def started_again(file: RouterParams, left: int, vips: frozenset[Vip]) -> tuple[Node, list[Action]]:
    """The next process, of this file, which finds VIPs with this record and most of their lease."""
    node = Node(params(file), NOW)
    observed = VipsObserved(file.name, vips & frozenset(file.addresses))
    lease = LeaseFound(file.name, observed.owned, NOW + file.lease - 0.5, left)
    return node, node.step([LINK, observed, LeasesFound((lease,))], NOW)


def decided(actions: list[Action]) -> list[Adoption]:
    return [action.result for action in actions if isinstance(action, AdoptionDecided)]


@pytest.mark.parametrize("new", [*PROOF_STAYS, *PROOF_IS_ANOTHER])
def test_what_a_reload_has_changed_is_adopted_after_a_kill(new: RouterParams) -> None:
    left = record(master(250).exchange(params(new), 10.1))
    assert read(left, new) == LeaseRecord(new.priority, inf)
    node, actions = started_again(new, left, frozenset(new.addresses))
    assert (decided(actions), state(node)) == ([Adoption.ADOPTED], "MASTER")
    assert kinds(actions)[:2] == ["HoldVips", f"SendAdvert({new.priority})"]


@pytest.mark.parametrize("new", PROOF_IS_ANOTHER)
def test_a_file_of_before_the_reload_adopts_nothing_of_it(new: RouterParams) -> None:
    left = record(master(250).exchange(params(new), 10.1))
    assert read(left, OLD) is None


@pytest.mark.parametrize("new", PROOF_IS_ANOTHER[::2])
def test_killed_before_the_kernel_had_the_new_record_is_swept_and_said_once(new: RouterParams) -> None:
    """The kernel has the record of before the reload; the next process has the new file."""
    left = record(master(250).step([], 11.0))
    node, actions = started_again(new, left, frozenset(OLD.addresses))
    assert (decided(actions), kinds(actions)) == ([Adoption.CHANGED], [])
    assert kinds(node.step([Started()], NOW + 0.1)) == ["DropVips"]
    actions = node.step([VipsDropped("web", removed=frozenset({VIP}))], NOW + 0.11)
    assert kinds(actions) == ["SendAdvert(0)"]


def test_killed_before_the_kernel_had_a_new_priority_goes_on_with_the_one_of_before() -> None:
    left = record(master(250).step([], 11.0))
    node, actions = started_again(router(200), left, frozenset({VIP}))
    assert (decided(actions), state(node)) == ([Adoption.ADOPTED], "MASTER")
    node.step([VipsHeld("web", NOW), Started()], NOW + 0.01)
    assert moves(node.step([], NOW + 1.0)) == []
    assert node.snapshot(NOW + 1.0).routers[0].effective_priority == 200, "without checks it counts at once"


def test_another_vrid_is_proven_by_what_it_holds_itself() -> None:
    node, other = master(250), replace(OLD, vrid=60)
    node.leave(params(other), 10.1)
    node.step([], 10.1)
    node.step([DROPPED], 10.2)
    node.exchange(params(other), 10.3)
    node.step([DROPPED, LINK], 10.4)
    left = record(node.step([], node.deadline))
    assert (read(left, other), read(left, OLD)) == (LeaseRecord(250), None)


def adopted(priority: int, check: CheckParams = POLLED) -> Node:
    """A process that goes on with a priority that it was left, and has no verdict yet."""
    file = replace(OLD, checks=(check.name,))
    node = Node(params(file, checks=(check,)), NOW)
    lease = LeaseFound("web", frozenset({VIP}), NOW + 1.5, LeaseRecord(priority).number(file))
    node.step([LINK, VipsObserved("web", frozenset({VIP})), LeasesFound((lease,))], NOW)
    node.step([VipsHeld("web", NOW), Started()], NOW + 0.01)
    return node


@pytest.mark.parametrize("name", ["web", "www"])
def test_an_inherited_priority_outlives_a_reload_and_ends_when_it_would_have_ended(name: str) -> None:
    node, new = adopted(200), replace(OLD, name=name, priority=240, checks=("http",))
    actions = node.exchange(params(new, checks=(POLLED,)), NOW + 0.2)
    assert (kinds(actions), moves(actions)) == (["HoldVips", "SendAdvert(200)"], [])
    kept = read(record(actions), new)
    assert kept is not None
    assert kept.priority == 200
    assert kept.seconds < POLLED.max_age + POLLED.told_within  # type: ignore[operator]
    at = NOW + 0.2
    while at < NOW + 4.3:
        node.step([VipsHeld(name, at)], at + 0.01)
        at += 0.1
        assert moves(node.step([], at)) == []
    assert moves(node.step([], NOW + 4.5)) == [("MASTER", "BACKUP", "health")]


def test_a_verdict_after_a_reload_ends_an_inherited_priority() -> None:
    node, new = adopted(200), replace(OLD, priority=240, checks=("http",))
    node.exchange(params(new, checks=(POLLED,)), NOW + 0.2)
    assert moves(node.step([verdict("http", up=True, at=NOW + 0.5)], NOW + 0.5)) == []
    assert node.snapshot(NOW + 0.5).routers[0].effective_priority == 240


def test_a_router_that_begins_by_a_reload_sweeps_what_it_finds_and_says_so_once() -> None:
    db = RouterParams("db", "eth0", 52, 250, (OTHER,))
    node = master(250)
    assert kinds(node.exchange(params(OLD, db), 10.1)) == ["DropVips"]
    actions = node.step([LINK, VipsDropped("db", removed=frozenset({OTHER}))], 10.2)
    assert [action for action in kinds(actions) if action.startswith("SendAdvert")] == ["SendAdvert(0)"]
