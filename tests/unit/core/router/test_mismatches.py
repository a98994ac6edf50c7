"""Refused senders are remembered within bounds, and forgotten when they are silent."""

from functools import partial
from ipaddress import IPv4Address

import pytest

from sidecar.core.router.differences import Difference
from sidecar.core.router.mismatches import MOST, SILENCE, Mismatches

PEER = IPv4Address("10.77.0.12")
UNKNOWN_SENDER = IPv4Address("198.18.0.0")


def note(of: Mismatches, source: IPv4Address, now: float, *, ours: bool = False, reason: str = "ttl") -> bool:
    """Whether it was told."""
    said = Difference("it differs", "mend it")
    return of.note(source, reason, lambda: said, now, refused=True, ours=ours) is said


def test_a_sender_is_gone_after_a_silence() -> None:
    memory = Mismatches()
    memory.note(PEER, "ttl", lambda: Difference("a", "b"), 1.0, refused=True, ours=True)
    assert memory.current(1.0 + SILENCE - 0.01)
    assert not memory.current(1.0 + SILENCE)


def test_after_a_silence_the_count_begins_anew() -> None:
    memory = Mismatches()
    for now in (1.0, 2.0, 12.0):
        note(memory, PEER, now)
    assert [each.adverts for each in memory.current(12.0)] == [1]


def test_a_sender_that_sends_once_in_nine_seconds_is_told_of_all_the_time() -> None:
    """keepalived beside a master of another version sends when its timer runs out first."""
    memory = Mismatches()
    for now in (1.0, 10.0):
        note(memory, PEER, now)
    assert memory.lookup_due(PEER, 10.0)
    assert [each.adverts for each in memory.current(19.9)] == [2]


@pytest.mark.parametrize("refused", [True, False])
def test_who_is_followed_and_then_refused_is_shown_as_what_holds_now(refused: bool) -> None:
    """A host whose address list changes: what is refused beside us must not look followed."""
    memory = Mismatches()
    for now, is_refused in ((1.0, not refused), (1.1, refused), (1.2, refused)):
        explain = partial(Difference, f"refused: {is_refused}", "mend it")
        memory.note(PEER, "addresses", explain, now, refused=is_refused, ours=True)
    (shown,) = memory.current(1.2)
    assert (shown.refused, shown.detail, shown.adverts) == (refused, f"refused: {refused}", 2)
    assert bool(memory.refused_since(0.0, 1.2)) is refused


def test_a_sender_that_changes_its_list_with_each_advert_is_not_told_each_time() -> None:
    memory = Mismatches()
    said = Difference("it differs", "mend it")
    told = [
        memory.note(PEER, "addresses", lambda: said, 1.0 + n / 100, refused=n % 2 == 0, ours=True)
        for n in range(90)
    ]
    assert told.count(said) == 1


def test_invented_senders_fill_no_more_than_the_list_and_leave_it_again() -> None:
    memory = Mismatches()
    told = sum(note(memory, UNKNOWN_SENDER + n, n / 1000) for n in range(3000))
    assert told == len(memory.current(3.0)) == MOST
    assert note(memory, PEER, 13.0)
    assert [each.source for each in memory.current(13.0)] == [PEER]
    assert len(memory._entries) == 1


def test_who_claims_our_vip_finds_a_place_among_invented_senders_and_is_told_first() -> None:
    memory = Mismatches()
    for n in range(100):
        note(memory, UNKNOWN_SENDER + n, 1.0)
    assert note(memory, PEER, 1.5, ours=True)
    for n in range(100, 200):
        note(memory, UNKNOWN_SENDER + n, 1.6)
    assert memory.current(2.0)[0].source == PEER
    assert len(memory.current(2.0)) == MOST


def test_one_that_is_invented_once_is_not_searched_for() -> None:
    memory = Mismatches()
    for n in range(20):
        note(memory, UNKNOWN_SENDER + n, 1.0)
        assert not memory.lookup_due(UNKNOWN_SENDER + n, 1.0)
    note(memory, UNKNOWN_SENDER, 2.0)
    assert memory.lookup_due(UNKNOWN_SENDER, 2.0)


def test_the_mac_address_of_who_is_forgotten_is_forgotten() -> None:
    memory = Mismatches()
    memory.identified(PEER, b"123456")
    note(memory, PEER, 1.0)
    assert memory.current(1.0)[0].mac is None
    memory.identified(PEER, b"123456")
    assert memory.current(1.0)[0].mac == b"123456"
    for n in range(MOST):
        note(memory, UNKNOWN_SENDER + n, 60.0)
    assert memory._macs == {}


def test_the_reason_names_three_and_counts_the_others() -> None:
    memory = Mismatches()
    assert memory.refused_since(0.0, 1.0) == ""
    for n in range(5):
        note(memory, PEER + n, 1.0)
    note(memory, PEER, 2.0)
    text = memory.refused_since(0.0, 2.0)
    assert text.startswith("; heard and refused: 2 adverts of 10.77.0.12 (it differs), 1 advert of ")
    assert text.endswith(", those of 2 more")
    assert memory.refused_since(1.5, 2.0) == "; heard and refused: 2 adverts of 10.77.0.12 (it differs)"


def test_a_sender_that_was_not_found_is_searched_for_again_with_its_next_advert() -> None:
    memory = Mismatches()
    for now in (1.0, 2.0):
        note(memory, PEER, now)
    assert memory.lookup_due(PEER, 2.0)
    note(memory, PEER, 3.0)
    assert not memory.lookup_due(PEER, 3.0)
    memory.identified(PEER, None)
    note(memory, PEER, 4.0)
    assert memory.lookup_due(PEER, 4.0)


def test_of_invented_senders_the_one_that_was_heard_least_makes_room() -> None:
    memory = Mismatches()
    for n in range(MOST):
        for _ in range(1 if n == 5 else 2):
            note(memory, UNKNOWN_SENDER + n, 1.0)
    assert note(memory, PEER, 1.5, ours=True)
    assert {UNKNOWN_SENDER + n for n in range(MOST)} - {each.source for each in memory.current(2.0)} == {
        UNKNOWN_SENDER + 5
    }


def test_a_sender_that_begins_to_claim_our_vip_keeps_its_place() -> None:
    memory = Mismatches()
    note(memory, PEER, 1.0)
    note(memory, PEER, 1.1, ours=True)
    for n in range(MOST - 1):
        for _ in range(3):
            note(memory, UNKNOWN_SENDER + n, 1.2)
    assert note(memory, PEER + 1, 1.3, ours=True)
    assert {PEER, PEER + 1} <= {each.source for each in memory.current(2.0)}
