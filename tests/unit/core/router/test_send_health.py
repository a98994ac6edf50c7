"""A host whose advertisements do not get out: what it may take, when it gives way, what ends it."""

from ipaddress import IPv4Address

import pytest

from sidecar.core.actions import Action, SendAdvert, SendRecovered, TrySending, Warned
from sidecar.core.events import AdvertSent, Event, SendFailed, SendTried, VipsHeld
from sidecar.core.health.params import DampingParams
from sidecar.core.node import Node
from sidecar.core.params import Unicast, master_down_interval
from sidecar.core.router.send_health import TRIAL_AT_REST
from tests.unit.core.stage import (
    DROPPED,
    LOW_PEER,
    PEER,
    US,
    backup,
    feed,
    heard,
    kinds,
    master,
    moves,
    state,
)

REFUSED = SendFailed("web", "EPERM")
SOME = SendFailed("web", "10.77.0.13: EPERM", unheard=False, heard=True)
TRIED, FAILED = SendTried("web"), SendTried("web", "EPERM")
UNFIT_WAIT = master_down_interval(1, 1.0)


def mute_master(damping: DampingParams | None = None) -> Node:
    """MASTER since 10, and two of its advertisements in a row were refused."""
    node = master(at=10.0, damping=damping)
    for at in (11.0, 12.0):
        feed(node, (at, []), (at, [VipsHeld("web", at), REFUSED]))
    return node


def cannot_send(node: Node) -> str:
    return node.snapshot(0.0).routers[0].cannot_send


def warned(actions: list[Action]) -> list[str]:
    return [action.reason for action in actions if isinstance(action, Warned)]


def test_one_refused_advert_is_an_accident_and_two_in_a_row_are_no_fault_but_muteness() -> None:
    node = master(at=10.0)
    assert warned(node.step([REFUSED], 10.5)) == ["send_failed"]
    assert not cannot_send(node)
    actions = node.step([REFUSED], 11.5)
    assert (warned(actions), moves(actions)) == (["send_failed", "mute"], [])
    assert (state(node), cannot_send(node)) == ("MASTER", "EPERM")


def test_refusals_far_apart_are_accidents() -> None:
    node = master(at=10.0)
    for second in range(11, 26):
        feed(node, (float(second), []), (float(second), [VipsHeld("web", float(second))]))
        if second % 3 == 0:
            node.step([REFUSED], float(second))
    assert not cannot_send(node)


def test_some_peers_that_cannot_be_reached_are_not_all_of_them() -> None:
    node = master(at=10.0)
    for at in (10.2, 10.4, 10.6, 10.8):
        assert warned(node.step([SOME], at)) == ["send_failed"]
    assert not cannot_send(node)


def test_what_was_sent_since_makes_the_next_refusal_an_accident_again() -> None:
    node = mute_master()
    feed(node, (13.0, []), (13.0, [VipsHeld("web", 13.0), AdvertSent("web")]))
    assert warned(node.step([REFUSED], 13.9)) == ["send_failed"]
    assert not cannot_send(node)
    assert warned(node.step([REFUSED], 14.9)) == ["send_failed", "mute"]


def test_what_a_backup_could_not_say_on_leaving_does_not_make_it_mute() -> None:
    """Its last word and the answer to it belong to a claim that is over; a backup learns by trials."""
    node = master(at=10.0)
    assert kinds(node.step([heard(200)], 10.5)) == ["SendAdvert(100)", "DropVips"]
    assert warned(node.step([REFUSED, REFUSED, DROPPED], 10.5)) == ["send_failed", "send_failed"]
    (router,) = node.snapshot(10.5).routers
    assert (router.cannot_send, router.effective_priority) == ("", 100)
    assert node.deadline == 10.5 + master_down_interval(100, 1.0)


def test_a_mute_master_keeps_trying_and_one_advert_that_is_sent_ends_it() -> None:
    node = mute_master()
    (advert,) = (a for a in node.step([], 13.0) if isinstance(a, SendAdvert))
    assert (advert.priority, advert.confirm) == (100, True)
    actions = node.step([AdvertSent("web")], 13.0)
    assert SendRecovered("web") in actions
    assert (moves(actions), cannot_send(node)) == ([], "")
    node.step([VipsHeld("web", 13.0)], 13.0)
    (advert,) = (a for a in node.step([], 14.0) if isinstance(a, SendAdvert))
    assert not advert.confirm


@pytest.mark.parametrize("priority", [1, 50, 254])
def test_a_mute_master_yields_to_any_other_and_says_nothing(priority: int) -> None:
    node = mute_master()
    actions = node.step([heard(priority, LOW_PEER)], 12.1)
    assert moves(actions) == [("MASTER", "BACKUP", "send")]
    assert kinds(actions) == ["DropVips"]
    assert kinds(node.step([DROPPED], 12.1)) == []


def test_the_resignation_of_another_is_no_reason_to_yield() -> None:
    assert moves(mute_master().step([heard(0)], 12.1)) == []


def test_a_mute_master_that_yielded_waits_as_long_as_the_other_one_advertises_seldom() -> None:
    """Three of its intervals, and not three of ours: it says itself how often it speaks."""
    node = mute_master()
    feed(node, (12.1, [heard(50, interval_cs=1000)]), (12.1, [DROPPED]))
    for second in range(1, 30):
        assert "HoldVips" not in kinds(node.step([], 12.1 + second)), second
        node.step([FAILED], 12.1 + second)
    assert state(node) == "BACKUP"


def yielded() -> Node:
    node = mute_master()
    feed(node, (12.1, [heard(50)]), (12.1, [DROPPED]))
    return node


def test_a_mute_backup_follows_a_lesser_master_and_tries_every_second() -> None:
    node = yielded()
    tries = 0
    for tenth in range(1, 100):
        events: list[Event] = [heard(50)] if tenth % 10 == 0 else []
        actions = node.step(events, 12.1 + tenth / 10)
        tries += sum(isinstance(action, TrySending) for action in actions)
        assert "HoldVips" not in kinds(actions)
        node.step([FAILED], 12.1 + tenth / 10)
    assert 8 <= tries <= 10
    assert node.snapshot(0.0).routers[0].effective_priority == 1


def test_a_mute_backup_serves_when_nobody_else_does_for_as_long_as_an_unfit_one_waits() -> None:
    node = yielded()
    node.step([heard(50)], 13.0)
    at = 13.0
    while "HoldVips" not in kinds(node.step([FAILED], at)):
        at += 0.05
        assert at < 20
    assert at == pytest.approx(13.0 + UNFIT_WAIT, abs=0.1)
    assert moves(node.step([VipsHeld("web", at)], at)) == [("BACKUP", "MASTER", "master_down_timer")]


def test_a_trial_that_is_sent_ends_muteness_and_the_host_preempts_as_always() -> None:
    node = yielded()
    feed(node, (13.0, [heard(50)]), (13.2, []), (13.2, [TRIED]))
    assert not cannot_send(node)
    feed(node, (14.0, [heard(50)]), (15.0, [heard(50)]), (16.0, [heard(50)]))
    first = node.step([], 16.7)
    assert kinds(first) == ["TrySending"]
    assert kinds(node.step([TRIED], 16.7)) == ["HoldVips"]


def test_nothing_is_taken_from_a_living_master_without_a_trial() -> None:
    node = backup()
    for at in (1.0, 2.0, 3.0):
        node.step([heard(50)], at)
    actions = node.step([], 3.7)
    (trial,) = (a for a in actions if isinstance(a, TrySending))
    assert (str(trial.destination), trial.payload[2], kinds(actions)) == ("224.0.0.18", 0, ["TrySending"])
    assert kinds(node.step([], 3.8)) == [], "the outcome is waited for"
    actions = node.step([FAILED], 3.9)
    assert (kinds(actions), cannot_send(node)) == ([], "EPERM")
    for at in (4.0, 5.0, 6.0, 7.0, 8.0):
        assert "HoldVips" not in kinds(node.step([heard(50)], at))


@pytest.mark.parametrize(("interval_cs", "tried"), [(100, False), (500, True), (4095, True)])
def test_a_lesser_master_is_alive_for_two_of_its_own_intervals(interval_cs: int, tried: bool) -> None:
    """It is outwaited by our interval, and heard last a moment after the wait began."""
    node = backup()
    node.step([heard(50, interval_cs=interval_cs)], 0.1)
    at = master_down_interval(100, 1.0)
    assert kinds(node.step([], at)) == (["TrySending"] if tried else ["HoldVips"])
    actions = feed(node, (at, [TRIED] if tried else []), (at, [VipsHeld("web", at)]))
    assert moves(actions) == [("BACKUP", "MASTER", "preempt" if tried else "master_down_timer")]


def test_what_it_says_of_its_interval_is_believed_up_to_a_bound() -> None:
    node = backup(interval_cs=1000)
    node.step([heard(50, interval_cs=4095)], 0.1)
    assert kinds(node.step([], master_down_interval(100, 10.0))) == ["HoldVips"]


def test_a_living_master_is_told_first_and_clients_only_if_it_could_be() -> None:
    node = backup()
    feed(node, (1.0, [heard(50)]), (2.0, [heard(50)]), (3.0, [heard(50)]), (3.7, []), (3.7, [TRIED]))
    actions = node.step([VipsHeld("web", 3.7)], 3.7)
    assert kinds(actions) == ["SendAdvert(100)", "Announce"]
    advert, announcement = (a for a in actions if type(a).__name__ in ("SendAdvert", "Announce"))
    assert (advert.confirm, announcement.if_heard) == (True, True)  # type: ignore[union-attr]
    actions = node.step([REFUSED], 3.7)
    assert moves(actions) == [("MASTER", "BACKUP", "send")]
    assert kinds(actions) == ["DropVips"]


def test_a_takeover_that_was_told_is_contested_no_more() -> None:
    """Once the replaced master could be told, a single refusal is an accident, as it always is."""
    node = backup()
    feed(node, (1.0, [heard(50)]), (2.0, [heard(50)]), (3.0, [heard(50)]), (3.7, []), (3.7, [TRIED]))
    feed(node, (3.7, [VipsHeld("web", 3.7)]), (3.7, [AdvertSent("web")]))
    assert moves(node.step([REFUSED], 4.6)) == []
    assert (state(node), cannot_send(node)) == ("MASTER", "")


def test_a_master_that_died_is_replaced_without_a_trial() -> None:
    node = backup()
    node.step([heard(200)], 1.0)
    assert kinds(node.step([], 4.7)) == ["HoldVips"]


def test_a_unicast_trial_goes_to_the_master_that_serves_and_to_nobody_at_rest() -> None:
    other = IPv4Address("10.77.0.13")
    node = backup(unicast=Unicast(US, (PEER, other)))
    assert kinds(node.step([], 1.0)) == []
    assert node.deadline < TRIAL_AT_REST


def test_a_backup_at_rest_tries_now_and_then() -> None:
    node, tries = backup(), []
    for tenth in range(1, 1300):
        now = tenth / 10
        actions = node.step([heard(200)] if tenth % 10 == 0 else [], now)
        tries += [now for action in actions if isinstance(action, TrySending)]
    assert tries == [pytest.approx(60), pytest.approx(120)]


def test_each_yield_for_want_of_a_voice_counts_for_flap_damping() -> None:
    node = mute_master(DampingParams(hold=30.0))
    feed(node, (12.1, [heard(50)]), (12.1, [DROPPED]))
    feed(node, (13.2, []), (13.2, [TRIED]))
    assert node.snapshot(0.0).routers[0].held_until == pytest.approx(42.1)
    for second in range(14, 40):
        assert "HoldVips" not in kinds(node.step([heard(50)], float(second)))


def test_a_mute_master_that_some_of_its_peers_hear_again_is_not_mute() -> None:
    node = mute_master()
    actions = feed(node, (13.0, []), (13.0, [VipsHeld("web", 13.0), SOME]))
    assert SendRecovered("web") in actions
    assert not cannot_send(node)
    assert moves(node.step([heard(50, LOW_PEER)], 13.5)) == []


def test_an_announcement_that_fails_is_no_evidence_that_a_master_is_heard() -> None:
    node = mute_master()
    failed = SendFailed("web", "announcement on eth0: ENOBUFS", unheard=False)
    feed(node, (13.0, []), (13.0, [VipsHeld("web", 13.0), failed]))
    assert cannot_send(node)
