"""Who was heard, and who is the master."""

import pytest

from sidecar.core.router.peers import REMEMBERED, Peers
from tests.unit.core.router.test_admission import STRANGER
from tests.unit.core.stage import PEER


def test_forged_sources_cannot_fill_the_memory() -> None:
    peers = Peers()
    for n in range(1000):
        peers.hear(STRANGER + n, 100, 1.0, float(n))
    assert peers.observed(1000.0, 1e9) == REMEMBERED


def test_a_farewell_is_forgotten_as_a_master() -> None:
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
    peers.hear(STRANGER, 50, 1.0, 9.0)
    assert peers.master is not None
    assert peers.master.source == PEER
    peers.hear(STRANGER, 50, 1.0, 11.5)
    assert peers.master.source == STRANGER


def test_the_last_word_of_whom_a_better_one_replaced_changes_no_master() -> None:
    peers = Peers()
    peers.hear(PEER, 200, 1.0, 1.0)
    peers.hear(STRANGER, 150, 1.0, 1.1)
    assert [peers.master and peers.master.source] == [PEER]
    peers.hear(STRANGER, 150, 1.0, 3.1)
    assert [peers.master and peers.master.source] == [STRANGER], "the better one is silent"
