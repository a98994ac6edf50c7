"""Other parameters for a node at work: what stays, what ends, what begins.

Modules: core.awaited, core.judgement.
"""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from sidecar.core.actions import Announce, DropVips, HoldVips, SendAdvert
from sidecar.core.events import InterfaceState, Started, StopRequested, VipsDropped, VipsHeld, VipsObserved
from sidecar.core.health.observer_events import ChecksFresh
from sidecar.core.health.params import CheckParams, DampingParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.state import State
from tests.unit.core.stage import (
    DROPPED,
    LINK,
    US,
    VIP,
    backup,
    commands,
    heard,
    kinds,
    master,
    moves,
    router,
    state,
    verdict,
)

OTHER = IPv4Interface("10.77.0.101/32")
DB = RouterParams("db", "eth0", 52, 100, (IPv4Interface("10.77.0.200/32"),))


def params(*routers: RouterParams, **more: object) -> NodeParams:
    return NodeParams("a", routers, **more)  # type: ignore[arg-type]


def effective(node: Node, index: int = 0) -> int:
    return node.snapshot(0.0).routers[index].effective_priority


def test_a_master_goes_on_and_says_its_new_priority_at_once() -> None:
    node = master(100)
    actions = node.exchange(params(router(150)), 10.2)
    assert state(node) is State.MASTER
    assert kinds(actions) == ["HoldVips", "SendAdvert(150)"]
    assert node.snapshot(10.2).routers[0].since == 10.0


def test_the_same_parameters_change_nothing() -> None:
    node = master(100)
    deadline = node.deadline
    assert node.exchange(params(router(100)), 10.2) == []
    assert node.deadline == deadline


def test_a_backup_with_the_best_priority_takes_over() -> None:
    node = backup(100)
    node.step([heard(120)], 1.0)
    node.exchange(params(router(200)), 1.1)
    node.step([heard(120)], 2.0)
    assert "HoldVips" in kinds(node.step([], node.deadline))


def test_a_new_vip_is_asked_for_at_once_and_announced_once_the_kernel_has_it() -> None:
    node = master(100)
    node.step([VipsObserved("web", frozenset({VIP}))], 10.05)
    wider = replace(router(100), addresses=(VIP, OTHER))
    held, _ = commands(node.exchange(params(wider), 10.1))
    assert isinstance(held, HoldVips)
    assert held.vips == (VIP, OTHER)
    actions = node.step([VipsHeld("web", asked_at=10.1)], 10.11)
    actions += node.step([], 10.11)
    assert any(isinstance(action, Announce) for action in actions)


def test_a_vip_that_goes_was_not_removed_by_anybody_else() -> None:
    both = NodeParams("a", (replace(router(100), addresses=(VIP, OTHER)),))
    node = Node(both, 0.0)
    node.step([LINK, Started()], 0.0)
    node.step([DROPPED], 0.0)
    node.step([], 10.0)
    node.step([VipsHeld("web", asked_at=10.0)], 10.0)
    node.step([VipsObserved("web", frozenset({VIP, OTHER}))], 10.01)
    node.exchange(params(router(100)), 10.1)
    actions = node.step([VipsObserved("web", frozenset({VIP})), VipsHeld("web", 10.1)], 10.15)
    assert commands(actions) == []
    assert state(node) is State.MASTER


def test_a_shorter_interval_does_not_make_a_master_overslept() -> None:
    node = master(100)
    actions = node.exchange(params(router(100, interval_cs=10)), 10.9)
    assert kinds(actions) == ["HoldVips", "SendAdvert(100)"]
    (advert,) = [action for action in actions if isinstance(action, SendAdvert)]
    assert int.from_bytes(advert.packets[0][1][4:6]) & 0x0FFF == 10
    assert moves(node.step([], 10.95)) == []
    assert state(node) is State.MASTER


def test_who_overslept_before_is_no_master_for_it() -> None:
    node = master(100)
    node.exchange(params(router(100, interval_cs=400)), 20.0)
    assert state(node) is State.BACKUP


def test_a_router_that_ends_resigns_when_its_vip_is_gone_and_no_other_one_moves() -> None:
    both = params(router(), DB, sync_groups=(("web", "db"),))
    node = Node(both, 0.0)
    node.step([LINK, Started()], 0.0)
    node.step([DROPPED, VipsDropped("db")], 0.0)
    node.step([], 10.0)
    node.step([VipsHeld("web", 10.0), VipsHeld("db", 10.0)], 10.0)
    assert [each.state for each in node.snapshot(10.0).routers] == [State.MASTER] * 2
    after = params(router())
    node.leave(after, 10.1)
    assert not node.ready_for(after)
    actions = node.step([], 10.1)
    assert moves(actions) == [("MASTER", "INIT", "shutdown")]
    assert [type(action) for action in commands(actions)] == [DropVips]
    assert not node.ready_for(after)
    assert kinds(node.step([VipsDropped("db")], 10.11)) == ["SendAdvert(0)"]
    assert node.ready_for(after)
    assert node.exchange(after, 10.12) == []
    assert [each.name for each in node.snapshot(10.2).routers] == ["web"]
    assert state(node) is State.MASTER


def test_what_comes_late_for_a_router_that_has_gone_means_nothing() -> None:
    node = master(100)
    node.exchange(params(router(100)), 10.1)
    assert node.step([VipsDropped("gone"), VipsObserved("gone", frozenset())], 10.2) == []


def test_a_new_router_begins_with_the_sweep() -> None:
    node = master(100)
    actions = node.exchange(params(router(100), DB), 10.1)
    assert commands(actions) == [DropVips("db", "eth0", DB.addresses)]
    node.step([LINK, VipsDropped("db")], 10.2)
    assert [each.state for each in node.snapshot(10.2).routers] == [State.MASTER, State.BACKUP]


def test_a_new_router_waits_for_the_start_of_all() -> None:
    node = Node(params(router()), 0.0)
    assert node.exchange(params(router(), DB), 0.1) == []
    assert kinds(node.step([LINK, Started()], 0.2)) == ["DropVips", "DropVips"]


def test_another_vrid_under_the_same_name_is_another_router() -> None:
    node, other = master(100), replace(router(100), vrid=60)
    node.leave(params(other), 10.1)
    assert kinds(node.step([], 10.1)) == ["DropVips"]
    node.step([DROPPED], 10.2)
    assert kinds(node.exchange(params(other), 10.3)) == ["DropVips"]
    assert state(node) is State.INIT


def test_a_router_under_another_name_goes_on_once_the_kernel_owes_it_no_answer() -> None:
    node, renamed = backup(100), replace(router(100), name="www")
    node.step([], 10.0)
    assert not node.ready_for(params(renamed))
    node.step([VipsHeld("web", 10.0)], 10.01)
    assert node.ready_for(params(renamed))
    actions = node.exchange(params(renamed), 10.1)
    assert state(node) is State.MASTER
    asked = [action for action in actions if isinstance(action, HoldVips | SendAdvert)]
    assert [action.router for action in asked] == ["www", "www"]


def test_a_new_required_check_counts_from_its_first_verdict() -> None:
    node = master(100)
    checks = (CheckParams("http", "http", max_age=3.0),)
    node.exchange(params(router(100, checks=("http",)), checks=checks), 10.1)
    assert effective(node) == 100
    node.step([verdict("http", up=None, at=10.15)], 10.15)
    assert effective(node) == 100
    node.step([verdict("http", up=False, at=10.2)], 10.2)
    assert (effective(node), state(node)) == (1, State.BACKUP)


def test_a_new_router_is_not_fit_before_its_checks_have_a_verdict() -> None:
    node = master(100)
    checks = (CheckParams("http", "http"),)
    node.exchange(params(router(100), replace(DB, checks=("http",)), checks=checks), 10.1)
    assert (effective(node, 0), effective(node, 1)) == (100, 1)


def test_a_check_keeps_its_verdict_and_one_of_another_kind_does_not() -> None:
    http = CheckParams("web", "http", rise=2)
    first = params(router(100, checks=("web",)), checks=(http,))
    node = Node(first, 0.0)
    node.step([LINK, Started(), verdict("web", up=False)], 0.0)
    node.exchange(replace(first, checks=(replace(http, rise=5),)), 1.0)
    assert effective(node) == 1
    node.exchange(replace(first, checks=(CheckParams("web", "tcp"),)), 2.0)
    assert effective(node) == 100
    assert node.snapshot(2.0).checks[0].up is None


def test_fresh_results_are_of_the_checks_in_their_new_order() -> None:
    one, two = CheckParams("one", "http", max_age=3.0), CheckParams("two", "http", max_age=3.0)
    node = Node(params(router(), checks=(one, two)), 0.0)
    node.step([verdict("one", up=True), verdict("two", up=True)], 0.0)
    node.exchange(params(router(), checks=(two,)), 1.0)
    node.step([ChecksFresh(((0, 1.5),))], 2.0)
    assert [(each.name, each.reported_at) for each in node.snapshot(2.0).checks] == [("two", 1.5)]


def test_a_verdict_on_a_check_that_has_gone_means_nothing() -> None:
    node = Node(params(router(), checks=(CheckParams("one", "http"),)), 0.0)
    node.exchange(params(router()), 1.0)
    assert node.step([verdict("one", up=False)], 1.0) == []


def test_a_hold_down_ends_with_flap_damping_and_its_count_goes_on() -> None:
    check = CheckParams("web", "file")
    damped = router(100, checks=("web",), damping=DampingParams(hold=30.0))
    node = Node(params(damped, checks=(check,)), 0.0)
    node.step([LINK, Started(), verdict("web", up=True)], 0.0)
    node.step([verdict("web", up=False, at=1.0)], 1.0)
    node.step([verdict("web", up=True, at=2.0)], 2.0)
    assert node.snapshot(2.0).routers[0].held_until == 31.0
    longer = replace(damped, damping=DampingParams(hold=60.0))
    node.exchange(params(longer, checks=(check,)), 3.0)
    assert node.snapshot(3.0).routers[0].held_until == 61.0
    node.exchange(params(replace(damped, damping=None), checks=(check,)), 4.0)
    assert node.snapshot(4.0).routers[0].held_until is None


def test_another_source_address_is_used_at_once() -> None:
    node, second = master(100), IPv4Address("10.77.0.15")
    link = replace(LINK, state=InterfaceState(2, up=True, mac=LINK.state.mac, addresses=(US, second)))  # type: ignore[union-attr]
    node.step([link], 10.1)
    actions = node.exchange(params(router(100, source=second)), 10.2)
    assert [action.source for action in actions if isinstance(action, SendAdvert)] == [second]


def test_routers_that_form_a_group_are_master_together_or_not_at_all() -> None:
    node = Node(params(router(), DB), 0.0)
    node.step([LINK, Started()], 0.0)
    node.step([DROPPED, VipsDropped("db")], 0.0)
    node.step([], 10.0)
    node.step([VipsHeld("web", 10.0)], 10.0)
    node.step([VipsHeld("db", 10.0, error="no")], 10.01)
    grouped = params(router(), DB, sync_groups=(("web", "db"),))
    assert ("MASTER", "BACKUP", "sync_group") in moves(node.exchange(grouped, 10.1))


def test_a_stop_goes_before_a_reload() -> None:
    node = master(100)
    node.step([StopRequested("asked")], 10.1)
    node.exchange(params(router(100), DB), 10.1)
    node.step([DROPPED], 10.2)
    assert node.stopped
