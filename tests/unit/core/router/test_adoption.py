"""A process that is started after another one was killed: it goes on as MASTER, or sweeps, and says which."""

from dataclasses import replace
from ipaddress import IPv4Interface
from math import inf

import pytest

from sidecar.core.actions import Action, AdoptionDecided, HoldVips, Resigned
from sidecar.core.events import (
    LeaseFound,
    LeasesFound,
    Started,
    StopRequested,
    VipsDropped,
    VipsHeld,
    VipsObserved,
)
from sidecar.core.health.params import CheckParams
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.router.lease_record import LeaseRecord, read
from sidecar.core.state import Adoption
from tests.unit.core.stage import (
    DOWN,
    DROPPED,
    LINK,
    PEER,
    VIP,
    heard,
    kinds,
    master,
    moves,
    router,
    state,
    verdict,
)

NOW = 100.0
SEEN = VipsObserved("web", frozenset({VIP}))
HELD = VipsHeld("web", NOW)
POLLED = CheckParams("http", "http", max_age=4.0)
EVENTS = CheckParams("nginx", "container")


def left(
    by: RouterParams | None = None, priority: int = 250, seconds: float = 1.0, confirmed: float = inf
) -> LeasesFound:
    """What a process has left that held the VIP with this priority."""
    by = by or router(250)
    record = LeaseRecord(priority, confirmed).number(by)
    return LeasesFound((LeaseFound("web", frozenset({VIP}), NOW + seconds, record),))


def begun(params: RouterParams, *checks: CheckParams) -> Node:
    params = replace(params, checks=tuple(check.name for check in checks))
    return Node(NodeParams("a", (params,), checks), NOW)


def result(actions: list[Action]) -> Adoption:
    (decided,) = (action for action in actions if isinstance(action, AdoptionDecided))
    assert decided.detail
    return decided.result


def test_a_living_lease_is_gone_on_with_at_once_and_without_a_transition() -> None:
    node = begun(router(250))
    actions = node.step([LINK, SEEN, left()], NOW)
    assert result(actions) is Adoption.ADOPTED
    assert kinds(actions) == ["HoldVips", "SendAdvert(250)", "Announce"]
    assert (moves(actions), state(node)) == ([], "MASTER")
    assert node.snapshot(NOW).routers[0].adopted
    assert kinds(node.step([Started()], NOW + 0.1)) == [], "nothing is swept"
    assert kinds(node.step([], NOW + 1.1))[-1:] != ["SendAdvert(250)"], "the lease that was left has run out"


def test_a_lease_that_is_renewed_in_time_is_that_of_any_master() -> None:
    node = begun(router(250))
    (hold, *_) = (a for a in node.step([LINK, SEEN, left()], NOW) if isinstance(a, HoldVips))
    assert hold.not_after == NOW + 1.0
    assert kinds(node.step([HELD], NOW + 0.01)) == []
    assert kinds(node.step([], NOW + 1.0)) == ["HoldVips", "SendAdvert(250)"]
    assert state(node) == "MASTER"


def test_each_renewal_leaves_what_the_next_process_needs() -> None:
    node = master(priority=250)
    (hold,) = (a for a in node.step([], 11.0) if isinstance(a, HoldVips))
    assert read(hold.record, router(250)) == LeaseRecord(250, inf)


@pytest.mark.parametrize(
    ("expected", "params", "found", "seen"),
    [
        pytest.param(Adoption.CHANGED, replace(router(250), vrid=52), left(), SEEN, id="other VRID"),
        pytest.param(Adoption.CHANGED, replace(router(250), interval_cs=200), left(), SEEN, id="interval"),
        pytest.param(Adoption.CHANGED, replace(router(250), virtual_mac=True), left(), SEEN, id="MAC"),
        pytest.param(Adoption.CHANGED, replace(router(250), interface="eth1"), left(), SEEN, id="interface"),
        pytest.param(
            Adoption.CHANGED,
            replace(router(250), addresses=(VIP, IPv4Interface("10.77.0.101/32"))),
            left(),
            SEEN,
            id="one address more",
        ),
        pytest.param(
            Adoption.CHANGED,
            router(250),
            left(replace(router(250), addresses=(VIP, IPv4Interface("10.77.0.101/32")))),
            SEEN,
            id="one address less",
        ),
        pytest.param(Adoption.EXPIRED, router(250), left(seconds=0.0), SEEN, id="expired"),
        pytest.param(Adoption.EXPIRED, router(250), left(seconds=0.04), SEEN, id="nearly expired"),
        pytest.param(Adoption.INCOMPLETE, router(250), left(), VipsObserved("web", frozenset()), id="gone"),
        pytest.param(Adoption.UNCONFIRMED, router(250), left(confirmed=1.0), SEEN, id="no verdicts"),
        pytest.param(
            Adoption.SHORT_INTERVAL,
            replace(router(250), interval_cs=59),
            left(replace(router(250), interval_cs=59)),
            SEEN,
            id="0.59 s",
        ),
        pytest.param(
            Adoption.UNUSABLE,
            router(250),
            left(),
            VipsObserved("web", frozenset({VIP}), duplicate=frozenset({VIP})),
            id="duplicate",
        ),
    ],
)
def test_without_the_whole_proof_the_vip_is_swept(
    expected: Adoption, params: RouterParams, found: LeasesFound, seen: VipsObserved
) -> None:
    node = begun(params)
    link = replace(LINK, interface=params.interface)
    actions = node.step([link, seen, found], NOW)
    assert (result(actions), kinds(actions)) == (expected, [])
    assert kinds(node.step([Started()], NOW + 0.1)) == ["DropVips"]


def test_a_shortest_interval_of_0_6_s_is_adopted() -> None:
    params = replace(router(250), interval_cs=60)
    assert result(begun(params).step([LINK, SEEN, left(params)], NOW)) is Adoption.ADOPTED


def test_what_is_swept_is_said_with_priority_zero_once() -> None:
    node = begun(router(250))
    node.step([LINK, SEEN, left(seconds=0.0)], NOW)
    node.step([Started()], NOW + 0.1)
    actions = node.step([VipsDropped("web", removed=frozenset({VIP}))], NOW + 0.11)
    assert kinds(actions) == ["SendAdvert(0)"]
    assert [action.router for action in actions if isinstance(action, Resigned)] == ["web"]


@pytest.mark.parametrize("event", [DOWN, StopRequested("stopped")])
def test_who_cannot_serve_adopts_nothing(event: object) -> None:
    node = begun(router(250))
    assert result(node.step([LINK, event, SEEN, left()], NOW)) is Adoption.UNUSABLE  # type: ignore[list-item]


def test_the_priority_of_the_earlier_process_counts_until_the_checks_have_verdicts() -> None:
    node = begun(router(250), POLLED)
    assert kinds(node.step([LINK, SEEN, left(priority=200)], NOW))[1] == "SendAdvert(200)"
    node.step([HELD, Started()], NOW + 0.01)
    assert node.snapshot(NOW).routers[0].effective_priority == 200
    assert moves(node.step([verdict("http", up=True, at=NOW + 0.5)], NOW + 0.5)) == []
    assert node.snapshot(NOW).routers[0].effective_priority == 250


def test_who_served_unfit_as_nobody_was_fit_goes_on_at_priority_1_and_does_not_resign() -> None:
    node = begun(router(250), POLLED)
    assert kinds(node.step([LINK, SEEN, left(priority=1)], NOW))[1] == "SendAdvert(1)"
    node.step([HELD], NOW + 0.01)
    assert moves(node.step([verdict("http", up=False, at=NOW + 0.5)], NOW + 0.5)) == []
    assert (state(node), node.snapshot(NOW).routers[0].effective_priority) == ("MASTER", 1)


def test_a_required_check_that_is_down_ends_it_at_once() -> None:
    node = begun(router(250), POLLED, EVENTS)
    node.step([LINK, SEEN, left()], NOW)
    node.step([HELD], NOW + 0.01)
    actions = node.step([verdict("http", up=False, at=NOW + 0.5)], NOW + 0.5)
    assert moves(actions) == [("MASTER", "BACKUP", "health")]


@pytest.mark.parametrize(("check", "seconds"), [(POLLED, 4.5), (EVENTS, 10.0)])
def test_without_verdicts_it_is_believed_no_longer_than_a_result_of_that_moment(
    check: CheckParams, seconds: float
) -> None:
    node = begun(router(250), check)
    node.step([LINK, SEEN, left()], NOW)
    at = NOW
    while at < NOW + seconds - 0.2:
        node.step([replace(HELD, asked_at=at)], at + 0.01)
        at += 0.1
        assert moves(node.step([], at)) == []
    assert moves(node.step([], NOW + seconds)) == [("MASTER", "BACKUP", "health")]


def test_processes_that_die_before_any_verdict_hold_the_vip_no_longer_than_one_would() -> None:
    seconds, lives = 0.0, 0
    record = LeaseRecord(250)
    while True:
        node = begun(router(250), EVENTS)
        found = LeaseFound("web", frozenset({VIP}), NOW + 1.5, record.number(router(250)))
        actions = node.step([LINK, SEEN, LeasesFound((found,))], NOW)
        if result(actions) is Adoption.UNCONFIRMED:
            break
        (hold,) = (action for action in actions if isinstance(action, HoldVips))
        kept = read(hold.record, router(250))
        assert kept is not None
        record, lives, seconds = kept, lives + 1, seconds + 0.5
    assert lives > 1
    assert seconds <= 10.0


def test_a_better_master_that_has_taken_over_meanwhile_is_yielded_to() -> None:
    node = begun(router(250))
    node.step([LINK, SEEN, left()], NOW)
    assert moves(node.step([heard(254, PEER)], NOW + 0.02)) == [("MASTER", "BACKUP", "higher_priority")]
    assert not node.snapshot(NOW).routers[0].adopted


def test_a_backup_that_has_lost_the_vip_again_does_not_contend_with_what_it_inherited() -> None:
    node = begun(router(250), POLLED)
    node.step([LINK, SEEN, left()], NOW)
    node.step([heard(254, PEER), DROPPED], NOW + 0.02)
    assert (state(node), node.snapshot(NOW).routers[0].effective_priority) == ("BACKUP", 1)


def test_of_a_sync_group_all_are_adopted_or_none() -> None:
    other = RouterParams("lan", "eth0", 52, 250, (IPv4Interface("10.77.0.101/32"),))
    (web,) = left().leases
    seen = VipsObserved("lan", frozenset(other.addresses))
    lan = LeaseFound("lan", frozenset(other.addresses), NOW + 1.0, LeaseRecord(250).number(other))
    for leases, expected in (((web,), [Adoption.SYNC_GROUP]), ((web, lan), [Adoption.ADOPTED] * 2)):
        node = Node(NodeParams("a", (router(250), other), sync_groups=(("web", "lan"),)), NOW)
        actions = node.step([LINK, SEEN, seen, LeasesFound(leases)], NOW)
        assert [each.result for each in actions if isinstance(each, AdoptionDecided)] == expected


def test_a_stop_is_the_reason_whatever_else_there_is() -> None:
    node = begun(router(250))
    duplicate = VipsObserved("web", frozenset({VIP}), duplicate=frozenset({VIP}))
    actions = node.step([LINK, StopRequested("asked to stop"), duplicate, left()], NOW)
    (decided,) = (action for action in actions if isinstance(action, AdoptionDecided))
    assert (decided.result, decided.detail) == (Adoption.UNUSABLE, "a stop was requested")


def test_verdicts_that_come_while_the_kernel_is_asked_ask_for_nothing_twice() -> None:
    node = begun(router(250), POLLED)
    assert "HoldVips" in kinds(node.step([LINK, SEEN, left()], NOW))
    assert "HoldVips" not in kinds(node.step([verdict("http", up=True, at=NOW)], NOW + 0.01))
    node = begun(router(250), POLLED)
    node.step([LINK, SEEN, left()], NOW)
    node.step([HELD], NOW + 0.01)
    assert "HoldVips" in kinds(node.step([verdict("http", up=True, at=NOW)], NOW + 0.02))
