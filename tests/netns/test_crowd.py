"""The master's own adverts are not lost in a crowd of others, and a crowd costs a bounded number of packets.

Bounds on what is read follow from net/vrrp/pace.py: 1,600 + 640 + 320 packets a second of the three kinds of
unknown senders on average, and as much again as a queue holds before it is known to be a crowd.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from tests.netns.bounds import master_down
from tests.netns.counters import counters, counters_of_all, risen
from tests.netns.crowd import SENDERS, auth, looked_at, recorded_trailers, with_trailers
from tests.netns.lab import Lab
from tests.netns.lan import address
from tests.netns.rogue import GROUP_MAC, Forgery, Rogue
from tests.netns.sightings import advert_gaps
from tests.netns.vrrp_daemon import Setup
from tests.sample import rest, sample

pytestmark = [pytest.mark.netns, pytest.mark.alone, pytest.mark.timing]

A = 0.2
RATE = 20_000
SECONDS = 2
START = 3
"""Seconds within which a host has started."""
MOST = 3000
"""Packets a second that a host may read of unknown senders."""
SENDER = 15_000
"""Packets a second that it may read in the name of one sender that it depends on, and of unknown senders."""
ONCE = 3000
"""Packets that it may read besides: the queues, before they are known to be crowded."""


@contextmanager
def pair(interval: float = A, **setup: Any) -> Iterator[tuple[Lab, Rogue]]:
    with Lab(Setup(interval=interval, checks={}, **setup), rogue=True) as lab:
        lab.start()
        lab.settle()
        yield lab, Rogue(lab.lan)


def nothing_moves(
    lab: Lab,
    rogue: Rogue,
    frames: Sequence[Forgery],
    rate: float = RATE,
    to: str = GROUP_MAC,
    most: int = MOST,
) -> None:
    """Flood the pair with more than unknown senders are allowed; the number of packets read is bounded."""
    before, seen = counters_of_all(lab), lab.witness.mark
    with rogue.flooding(frames, rate, SECONDS, to) as flood:
        pass
    lab.watch_for(4 * lab.setup.interval)
    after = counters_of_all(lab)
    read = {name: looked_at(before[name], after[name]) for name in before}
    said = advert_gaps(lab.witness.since(seen), "a")
    print(f"{flood.rate:.0f}/s, read {read}, gaps to {max(said):.3f} s")
    assert lab.holders() == ["a"]
    for name in before:
        assert risen(before[name], after[name], "vipsidecar_vrrp_transitions_total") == 0
    assert not [event for event in lab.witness.since(seen) if event.kind == "removed"]
    of_strangers = not {frame.source for frame in frames} & {host.address for host in lab.hosts.values()}
    most = most if of_strangers else SENDER
    assert all(count <= most * (flood.seconds + 1) + ONCE for count in read.values())
    if most == MOST:
        assert flood.sent > 2 * max(read.values())


@pytest.mark.parametrize("priority", [100, rest(255)])
def test_recorded_trailers_of_a_thousand_senders_move_nobody(priority: int) -> None:
    with auth() as router, pair(router=router) as (lab, rogue):
        frames = with_trailers(recorded_trailers(lab), 20, priority=priority)
        nothing_moves(lab, rogue, frames)


def test_recorded_trailers_in_the_masters_own_name_move_nobody() -> None:
    """They share the queue of its adverts, so all must be read: that has a limit (docs/hostile.md)."""
    with auth() as router, pair(router=router) as (lab, rogue):
        trailers = recorded_trailers(lab)
        frames = with_trailers(trailers, 20, [lab.hosts["a"].address] * 200)
        frames = [
            Forgery(n, source=frame.source, trailer=frame.trailer, interval_cs=20)
            for n, frame in enumerate(frames, 1)
        ]
        nothing_moves(lab, rogue, frames, 2500)


SETUPS: dict[str, dict[str, Any]] = {
    "v3": {},
    "v2 with a password": {"version": 2, "password": "secret", "interval": 1},
    "virtual MAC": {"router": {"virtual_mac": True}},
}


@pytest.mark.parametrize(
    ("setup", "priority"),
    [
        # Each setup once, in turn with resignations and with lower adverts.
        row
        for n, (name, setup) in enumerate(SETUPS.items())
        for row in sample((pytest.param(setup, p, id=f"{name}-{p}") for p in (0, 100)), 2, n % 2)
    ],
)
def test_lower_adverts_and_resignations_of_strangers_cost_a_bounded_number_of_packets(
    priority: int, setup: dict[str, Any]
) -> None:
    version, interval = setup.get("version", 3), setup.get("interval", A)
    with pair(**{"interval": interval, **setup}) as (lab, rogue):
        frames = [
            Forgery(priority, source, version=version, interval_cs=round(interval * 100))
            for source in SENDERS
        ]
        nothing_moves(lab, rogue, frames)


def test_by_unicast_one_peer_cannot_drown_another() -> None:
    """The rogue sends to b in the name of a third peer of lower priority: its queue is not that of a."""
    third = address("observer")
    with pair(unicast=True, peers=[third]) as (lab, rogue):
        b = lab.hosts["b"]
        frames = [Forgery(100, third, interval_cs=n + 10, destination=b.address) for n in range(100)]
        nothing_moves(lab, rogue, frames, to=lab.lan.mac("b"), most=SENDER)


def test_equal_adverts_keep_a_backup_waiting_and_are_read_in_portions() -> None:
    """Of 250 and a lower address: the master outranks them, the backup follows whoever speaks."""
    with pair() as (lab, rogue):
        frames = [Forgery(250, f"10.66.{n // 250}.{n % 250 + 1}", interval_cs=20) for n in range(1000)]
        nothing_moves(lab, rogue, frames)


def test_the_master_dies_in_the_crowd_and_the_backup_takes_over_in_time() -> None:
    with auth() as router, pair(router=router) as (lab, rogue):
        frames = with_trailers(recorded_trailers(lab), 20)
        with rogue.flooding(frames, RATE, SECONDS + 1):
            lab.watch_for(1)
            seen, since = lab.witness.mark, lab.witness.since()[-1].at
            lab.hosts["a"].daemon.kill()
            first = lab.await_sighting("advert", "b", 5, seen)
        last = max(event.about["stamp"] for event in lab.witness.since() if event.is_("advert", "a"))
        silence = first.about["stamp"] - last
        print(f"takeover after {silence:.3f} s")
        assert master_down(240, A) <= silence < master_down(240, A) + lab.grace(since)


@pytest.mark.parametrize("victim", [rest("a"), "b"])
def test_a_host_that_starts_in_the_crowd_finds_the_master(victim: str) -> None:
    """The better one takes over once, the other one never: it reads everything until it follows somebody."""
    with auth() as router, pair(router=router) as (lab, rogue):
        trailers = recorded_trailers(lab)
        lab.hosts[victim].daemon.terminate(5)
        other = lab.hosts["b" if victim == "a" else "a"]
        lab.await_sole(other.name, 5)
        before = counters(other.namespace)
        with rogue.flooding(with_trailers(trailers, 20), 8000, START + 2):
            lab.watch_for(0.5)
            lab.hosts[victim].daemon.start()
            lab.watch_for(START)
        lab.await_sole("a", 2)
        after = counters(other.namespace)
        moved = risen(before, after, "vipsidecar_vrrp_transitions_total")
        again = counters(lab.hosts[victim].namespace)
        served = risen({}, again, "vipsidecar_vrrp_transitions_total", to_state="MASTER")
        assert (moved, served) == ((1, 1) if victim == "a" else (0, 0))
