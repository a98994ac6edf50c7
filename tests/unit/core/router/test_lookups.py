"""Searches for the machine of a sender: one in ten seconds, another at once if it found nothing."""

from ipaddress import IPv4Address

from sidecar.core.router.lookups import LOOKUP_SPACING, LOOKUPS, Lookups

PEER = IPv4Address("10.77.0.12")
UNKNOWN_SENDER = IPv4Address("198.18.0.0")


def test_a_sender_is_searched_for_once_in_a_while() -> None:
    lookups = Lookups()
    assert lookups.due(PEER, 1.0)
    assert not lookups.due(PEER, 1.0 + LOOKUP_SPACING - 0.1)
    assert lookups.due(PEER, 1.0 + LOOKUP_SPACING)


def test_a_search_that_found_nothing_is_repeated_with_the_next_packet_within_the_bound() -> None:
    lookups, searched = Lookups(), 0
    for second in range(10):
        searched += lookups.due(PEER, float(second))
        lookups.missed(PEER)
    assert searched == LOOKUPS
    assert lookups.due(PEER, LOOKUP_SPACING)


def test_what_one_sender_missed_gives_no_other_one_a_second_search() -> None:
    lookups = Lookups()
    assert lookups.due(PEER, 1.0)
    assert lookups.due(UNKNOWN_SENDER, 1.0)
    lookups.missed(UNKNOWN_SENDER)
    assert not lookups.due(PEER, 2.0)
    assert lookups.due(UNKNOWN_SENDER, 2.0)


def test_senders_that_nobody_finds_cost_no_more_than_the_bound() -> None:
    lookups = Lookups()
    due = 0
    for n in range(100):
        due += lookups.due(UNKNOWN_SENDER + n, n / 100)
        lookups.missed(UNKNOWN_SENDER + n)
    assert due == LOOKUPS
