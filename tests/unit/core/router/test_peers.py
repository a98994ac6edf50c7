"""Who was heard, and who is the master."""

import pytest

from sidecar.core.router.peers import REMEMBERED, Peers
from tests.unit.core.router.test_admission import UNKNOWN_SENDER
from tests.unit.core.stage import PEER


def test_forged_sources_cannot_fill_the_memory_nor_hide_a_second_master() -> None:
    peers = Peers()
    for n in range(1000):
        peers.hear(UNKNOWN_SENDER + n, 100, 1.0, float(n))
    assert len(peers._heard) == len(peers._began) == REMEMBERED
    assert peers.observed(1000.0, 1e9) == REMEMBERED


def test_the_last_adverts_of_one_that_hands_over_make_no_second_master() -> None:
    peers = Peers()
    for n in range(10):
        peers.hear(PEER, 240, 1.0, float(n))
    assert peers.observed(9.1, 3.06, serving_since=8.95) == 1, "this host has taken over"
    peers.hear(UNKNOWN_SENDER, 250, 1.0, 9.2)
    peers.hear(PEER, 240, 1.0, 9.201)
    assert peers.observed(9.3, 3.06) == 1, "another host has taken over"


def test_two_that_go_on_are_two_masters_after_an_interval_or_two() -> None:
    peers = Peers()
    for n in range(5):
        peers.hear(PEER, 240, 1.0, n + 0.5)
    assert peers.observed(4.6, 3.06, serving_since=2.0) == 2
    assert peers.observed(8.1, 3.06, serving_since=2.0) == 1, "it is silent"
    for n in range(3):
        peers.hear(UNKNOWN_SENDER, 250, 1.0, n + 3.0)
    assert peers.observed(5.1, 3.06) == 2


@pytest.mark.parametrize("interval", [36.0, 40.95, 255.0])
def test_two_that_advertise_seldom_are_two_masters_as_well(interval: float) -> None:
    """Version 2 has intervals up to 255 s, version 3 up to 40.95 s."""
    peers, window = Peers(), 3.06 * interval
    for n in range(4):
        peers.hear(PEER, 240, interval, n * interval)
    assert peers.observed(3.1 * interval, window, serving_since=interval) == 2
    assert peers.observed(3.1 * interval, window, serving_since=3 * interval) == 1, "this host has taken over"


def test_one_that_comes_back_is_not_counted_from_its_earlier_time_on() -> None:
    peers = Peers()
    peers.hear(PEER, 240, 1.0, 1.0)
    for n in range(20):
        peers.hear(UNKNOWN_SENDER, 250, 1.0, 1.5 + n)
    peers.hear(PEER, 255, 1.0, 20.6)
    assert peers.observed(20.7, 3.06) == 1
    peers.hear(UNKNOWN_SENDER, 0, 1.0, 20.8)
    peers.hear(UNKNOWN_SENDER, 250, 1.0, 21.0)
    assert peers._began[UNKNOWN_SENDER] == 21.0, "it had resigned"


def test_a_resignation_is_forgotten_as_a_master() -> None:
    peers = Peers()
    assert peers.hear(PEER, 100, 1.0, 1.0) is None
    assert peers.hear(PEER, 100, 1.0, 2.5) == 1.5
    peers.hear(PEER, 0, 1.0, 3.0)
    assert peers.master is None
    assert peers.observed(3.0, 10.0) == 0


@pytest.mark.parametrize(("interval", "silent"), [(1.0, 4.0), (5.0, 15.0), (10.0, 30.0), (40.95, 30.0)])
def test_a_master_is_observed_for_three_intervals_of_its_own_up_to_a_bound(
    interval: float, silent: float
) -> None:
    peers = Peers()
    peers.hear(PEER, 50, interval, 1.0)
    assert peers.observed(1.0 + silent, 4.0) == 1
    assert peers.observed(1.1 + silent, 4.0) == 0


def test_a_lesser_one_does_not_take_the_place_of_a_better_one_between_its_adverts() -> None:
    peers = Peers()
    peers.hear(PEER, 200, 5.0, 1.0)
    peers.hear(UNKNOWN_SENDER, 50, 1.0, 9.0)
    assert peers.master is not None
    assert peers.master.source == PEER
    peers.hear(UNKNOWN_SENDER, 50, 1.0, 11.5)
    assert peers.master.source == UNKNOWN_SENDER


def test_the_last_word_of_whom_a_better_one_replaced_changes_no_master() -> None:
    peers = Peers()
    peers.hear(PEER, 200, 1.0, 1.0)
    peers.hear(UNKNOWN_SENDER, 150, 1.0, 1.1)
    assert [peers.master and peers.master.source] == [PEER]
    peers.hear(UNKNOWN_SENDER, 150, 1.0, 3.1)
    assert [peers.master and peers.master.source] == [UNKNOWN_SENDER], "the better one is silent"
