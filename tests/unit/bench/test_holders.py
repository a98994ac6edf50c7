"""Holders of many VIPs, from what the witness tells."""

from bench.contest.scenes.many import Holders
from tests.netns.sightings import Sighting

VIPS = {"10.78.2.1", "10.78.2.2"}


def told(at: float, kind: str, host: str, address: str) -> Sighting:
    return Sighting(at, kind, host, {"address": address, "index": 2})


def test_a_renewal_is_no_move_and_addresses_that_are_no_vips_are_none() -> None:
    holders = Holders(VIPS)
    added = [told(1.0, "added", "a", each) for each in sorted(VIPS)]
    holders.read([*added, *added, told(1.5, "added", "a", "192.0.2.9")])
    assert holders.held == {"a": VIPS, "b": set()}
    assert holders.moves == {"a": 2}


def test_complete_is_when_the_last_one_came() -> None:
    holders = Holders(VIPS)
    holders.read([told(1.0, "added", "a", "10.78.2.1"), told(2.0, "added", "a", "10.78.2.2")])
    assert holders.complete == 2.0
    holders.read([told(3.0, "removed", "a", "10.78.2.1"), told(4.0, "added", "b", "10.78.2.1")])
    holders.read([told(5.0, "added", "b", "10.78.2.2"), told(6.0, "added", "b", "10.78.2.2")])
    assert holders.complete == 5.0
    assert holders.moves.total() == 5
