"""Somebody on the LAN sends adverts that are right and a lie: what that moves, what not, who is told."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.netns.bounds import BUSY, LATE, QUICK, WAKES, master_down
from tests.netns.counters import Counters, by_label, counters, counters_of_all, processor_seconds, risen
from tests.netns.crowd import looked_at
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.lan import VIP, address
from tests.netns.rogue import Forgery, Rogue
from tests.netns.sightings import advert_gaps
from tests.netns.vrrp_daemon import Setup, router_status
from tests.sample import rest

pytestmark = [pytest.mark.netns]

A = 0.1
READ = 1500
"""Lower adverts and refused ones a second that are read at most, whatever arrives (net/vrrp/pace.py)."""


@contextmanager
def pair(interval: float = A, **router: Any) -> Iterator[tuple[Lab, Rogue]]:
    """Hosts a and b that have settled, and a rogue."""
    unicast = bool(router.pop("unicast", False))
    with Lab(Setup(interval=interval, checks={}, router=router, unicast=unicast), rogue=True) as lab:
        lab.start()
        lab.settle()
        yield lab, Rogue(lab.lan)


def lines(host: Host, event: str, **about: str) -> list[dict[str, Any]]:
    """The log lines of an event, with these values."""
    said = host.daemon.said()
    return [line for line in said if line["event"] == event and about.items() <= line.items()]


def said(host: Host, event: str, count: int = 1, **about: str) -> list[dict[str, Any]]:
    """The same, of which so many must come at least: they are written after what they tell."""
    wait_until(lambda: len(lines(host, event, **about)) >= count, 2, f"{event} in the log of {host.name}")
    return lines(host, event, **about)


def errors(host: Host, reason: str) -> float:
    return counters(host.namespace)[f'vipsidecar_errors_total{{component="election",reason="{reason}"}}']


def elections(before: Counters, after: Counters) -> float:
    return risen(before, after, "vipsidecar_vrrp_transitions_total", to_state="MASTER")


def refused(before: Counters, after: Counters) -> dict[str, float]:
    return by_label(before, after, "vipsidecar_vrrp_adverts_dropped_total", "reason")


@pytest.mark.alone
@pytest.mark.timing
@pytest.mark.parametrize("priority", [rest(254), 255])
def test_a_better_rogue_is_obeyed_and_named_with_its_mac_and_address(priority: int) -> None:
    with pair() as (lab, rogue):
        a, seen = lab.hosts["a"], lab.witness.mark
        with rogue.flooding([Forgery(priority)], 10, 4) as flood:
            gone = lab.await_removed("a", 1, seen)
            wait_until(lambda: bool(lines(a, "unexpected_sender")), 1, "the rogue is named")
            assert errors(a, "unknown_master") == 0, "it may be the other host, started just now"
            assert errors(lab.hosts["b"], "unknown_master") == 1, "to a host that follows a master it cannot"
            lab.watch_for(0.5)
            assert router_status(a.namespace)["master"]["source"] == address("rogue")
            assert lab.holders() == []
        assert gone.at - flood.begun < A + lab.grace(flood.begun)
        for host in lab.hosts.values():
            (named,) = said(host, "unexpected_sender", source=address("rogue"))
            assert named["mac"] == rogue.mac
        (warned,) = said(lab.hosts["b"], "election_unknown_master")
        assert warned["source"] == address("rogue")
        lab.await_server("a", master_down(250, A) + BUSY, lab.client.mark)
        lab.await_sole("a")


def test_a_second_master_of_lower_priority_moves_nothing_and_is_named_once() -> None:
    with pair(QUICK) as (lab, rogue):
        a, seen = lab.hosts["a"], lab.witness.mark
        rogue.flood([Forgery(100)], 10, 2)
        assert lab.holders() == ["a"]
        assert not [event for event in lab.witness.since(seen) if event.kind == "removed"]
        (named,) = said(a, "unexpected_sender")
        assert (named["source"], named["mac"]) == (address("rogue"), rogue.mac)
        assert len(said(a, "election_second_master")) == 1
        assert errors(a, "second_master") > 10


@pytest.mark.alone
@pytest.mark.timing
@pytest.mark.parametrize("source", ["rogue", rest("a"), rest("b")])
def test_a_flood_of_resignations_starts_no_more_than_one_election_in_a_master_down_interval(
    source: str,
) -> None:
    """Of its own address, of the master's, of the backup's: 1000 a second for 3 s."""
    seconds = 3
    with pair() as (lab, rogue):
        before = counters_of_all(lab)
        seen = lab.witness.mark
        flood = rogue.flood([Forgery(0, source=address(source))], 1000, seconds)
        lab.watch_for(A)
        said = {name: len(advert_gaps(lab.witness.since(seen), name)) / flood.seconds for name in before}
        after = counters_of_all(lab)
        started = {name: elections(before[name], after[name]) for name in before}
        print(f"resignations of {source}: elections {started}, adverts a second {said}")
        allowed = flood.seconds / master_down(240, A) + 1
        assert started["b"] <= (allowed if source == "a" else 0)
        assert started["a"] <= (allowed if source == "a" else 0)
        assert all(rate <= 1 / A + 10 for rate in said.values())
        lab.await_sole("a", 2)


@pytest.mark.alone
@pytest.mark.timing
@pytest.mark.parametrize("senders", [rest(1), 200])
def test_a_flood_of_lower_priority_makes_no_flood_of_ours(senders: int) -> None:
    """10,000 a second that say that somebody else serves too, from one address and from two hundred."""
    sources = [f"10.77.0.{last}" for last in range(55, 255) if last != 66][:senders]
    with pair() as (lab, rogue):
        a = lab.hosts["a"]
        before, spent = counters(a.namespace), processor_seconds(a.daemon.pid)
        seen, began = lab.witness.mark, time.monotonic()
        flood = rogue.flood([Forgery(100, source=source) for source in sources], 10_000, 3)
        share = (processor_seconds(a.daemon.pid) - spent) / flood.seconds
        said = advert_gaps(lab.witness.since(seen), "a")
        announced = [event for event in lab.witness.since(seen) if event.is_("announced", "a")]
        after = counters(a.namespace)
        read = looked_at(before, after)
        print(f"{flood.rate:.0f}/s of {senders}: {share:.1%} of a processor, {read} read")
        print(f"{len(said)} adverts, {len(announced)} announcements, dropped {refused(before, after)}")
        assert read <= READ * (flood.seconds + 1) + 1000 < flood.sent
        assert lab.holders() == ["a"]
        assert elections(before, after) == 0
        assert len(said) <= (1 / A + 10) * (flood.seconds + A)
        assert max(said) <= A + LATE + WAKES * lab.late(began)
        assert len(announced) <= 2 * 10 * (flood.seconds + A)


@pytest.mark.alone
@pytest.mark.timing
def test_an_allow_list_lets_a_rogue_move_nothing() -> None:
    with pair(unicast=True) as (lab, rogue):
        forged = [Forgery(priority, destination=address("a")) for priority in (0, 100, 255)]
        before, seen = counters(lab.hosts["a"].namespace), lab.witness.mark
        with rogue.flooding(forged, 1000, 2, to=lab.lan.mac("a")):
            pass
        dropped = refused(before, counters(lab.hosts["a"].namespace))
        assert set(dropped) <= {"source", "flood"}
        assert dropped["source"] > 0
        _nothing_moved(lab, seen)


@pytest.fixture
def key() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "key"
        file.touch(0o600)
        file.write_text("hex:" + os.urandom(32).hex())
        yield file


@pytest.mark.alone
@pytest.mark.timing
def test_signed_adverts_let_a_rogue_move_nothing(key: Path) -> None:
    auth = {"hmac": [{"id": 1, "key_file": str(key)}], "mode": "enforce"}
    with pair(auth=auth) as (lab, rogue):
        sources = [address("rogue"), address("b"), address("a")]
        trailers = [b"", bytes.fromhex("01010000") + bytes(24), os.urandom(28)]
        forged = [
            Forgery(priority, source=source, trailer=trailer)
            for priority in (0, 100, 255)
            for source in sources
            for trailer in trailers
        ]
        a, seen = lab.hosts["a"], lab.witness.mark
        before = counters(a.namespace)
        rogue.flood(forged, 1000, 2)
        dropped = refused(before, counters(a.namespace))
        assert set(dropped) <= {"own", "auth_missing", "auth_malformed", "auth_stale", "flood", "length"}
        _nothing_moved(lab, seen)


def _nothing_moved(lab: Lab, seen: int) -> None:
    assert not [e for e in lab.witness.since(seen) if e.kind == "removed" or e.is_("advert", "b")]
    assert lab.holders() == ["a"]
    assert max(advert_gaps(lab.witness.since(seen), "a")) <= A + LATE + lab.late(since=0)
    for host in lab.hosts.values():
        for named in ("election_unknown_master", "election_second_master", "election_third_host"):
            assert not lines(host, named, source=address("rogue")), "it is no master"
    (refused,) = [each for each in router_status(lab.hosts["a"].namespace)["mismatches"]
                  if each["source"] == address("rogue")][:1]  # fmt: skip
    assert (refused["refused"], refused["mac"]) == (True, lab.lan.mac("rogue"))


def test_equal_priorities_end_with_one_holder_and_of_two_masters_the_higher_address_stays() -> None:
    """The first host serves, as RFC 9568 has it: a backup follows a master of its own priority."""
    with Lab(Setup(interval=QUICK, checks={}), priorities=(100, 100)) as lab:
        for host in lab.hosts.values():
            host.daemon.start()
        lab.client.wait(lambda answer: bool(answer.who), 5, what="somebody serves")
        lab.watch_for(4 * QUICK)
        assert len(lab.holders()) == 1
        with lab.lan.partition():
            wait_until(lambda: len(lab.holders()) == 2, 3, "both serve")
            lab.watch_for(QUICK)
        lab.await_sole("b")
        lab.watch_for(4 * QUICK)
        assert lab.holders() == ["b"]


def test_other_addresses_are_no_reason_to_refuse_and_are_told_once_a_minute_for_each_source() -> None:
    with pair(QUICK) as (lab, rogue):
        b = lab.hosts["b"]
        sources = [f"10.77.0.{last}" for last in range(70, 73)]
        rogue.flood([Forgery(100, source=each, vips=(VIP, "10.77.0.101")) for each in sources], 100, 4)
        told = said(b, "vrrp_addresses", count=len(sources))
        assert [line["source"] for line in told] == sources
        count = counters(b.namespace)['vipsidecar_errors_total{component="vrrp",reason="addresses"}']
        assert count > 100
        assert lab.holders() == ["a"]
