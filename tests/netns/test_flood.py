"""A flood of adverts that nobody may believe changes nothing, delays nothing and costs little."""

import time
from random import Random

import pytest

from tests.fuzz.seeds import CORPUS
from tests.netns.bounds import QUICK, WAKES, master_down
from tests.netns.counters import by_label, counters_of_all, processor_seconds, resident_bytes, risen
from tests.netns.lab import Lab
from tests.netns.rogue import Forgery, Rogue, bogus
from tests.netns.sightings import advert_gaps
from tests.netns.vrrp_daemon import Setup
from tests.sample import rest

pytestmark = [pytest.mark.netns, pytest.mark.alone, pytest.mark.timing]

A = 0.1
RATE = 60_000
SECONDS = 3
LATE = 0.03
"""Lateness that is allowed to an advert under a flood, in seconds."""
TAKEOVER = 0.08
"""Seconds that a takeover may take after the timer."""
UNCERTAIN = 100
"""A full queue counts what its filter would not have let in, too: adverts of the master."""
READ = 400
"""Packets a second that are read at most to learn why they are refused (net/vrrp/pace.py)."""
CHEAPER = 0.4
"""Bound on the cost of hearing a flood, relative to sending it: 0.18 to 0.30 on one machine at rest.

What bounds it is READ; reading all of it would cost more than sending. `bench.flood` has figures.
"""


def test_a_flood_of_bogus_adverts_moves_nothing_delays_no_advert_and_is_accounted_for() -> None:
    with Lab(Setup(interval=A, checks={}), rogue=True) as lab:
        lab.start()
        lab.settle()
        hosts = lab.hosts.values()
        before = counters_of_all(lab)
        spent = {host.name: processor_seconds(host.daemon.pid) for host in hosts}
        seen, since = lab.witness.mark, time.monotonic()
        flood = Rogue(lab.lan).flood(bogus(), RATE, SECONDS)
        lab.watch_for(3 * A)
        gaps = advert_gaps(lab.witness.since(seen), "a")
        print(f"{flood}, {flood.rate:.0f}/s; gaps {min(gaps):.4f} to {max(gaps):.4f} s")
        assert lab.holders() == ["a"]
        assert not [e for e in lab.witness.since(seen) if e.kind == "removed" or e.is_("advert", "b")]
        assert max(gaps) <= A + LATE + lab.late(since)
        assert len(gaps) >= (SECONDS - lab.late(since)) / A - 2
        after = counters_of_all(lab)
        for host in hosts:
            now = after[host.name]
            cost = processor_seconds(host.daemon.pid) - spent[host.name]
            dropped = by_label(before[host.name], now, "vipsidecar_vrrp_adverts_dropped_total", "reason")
            print(f"{host.name}: {cost / flood.seconds:.1%} of a processor, dropped {dropped}")
            assert risen(before[host.name], now, "vipsidecar_vrrp_transitions_total") == 0
            assert cost < CHEAPER * flood.spent
            assert sum(dropped.values()) - dropped["flood"] <= READ * (flood.seconds + 1) < flood.sent / 5
            # Some are looked at for their reason, the rest is thrown away unread and counted as a flood.
            assert {"vrid", "checksum", "ttl", "flood"} <= set(dropped)
            assert 0.95 * flood.sent <= sum(dropped.values()) <= flood.sent + UNCERTAIN


def test_garbage_of_any_length_is_refused_and_leaves_nothing_behind() -> None:
    """Seeds of the fuzzer and noise, whole and cut: so slow that all of it is looked at, and faster."""
    rng = Random(7)  # noqa: S311 - repeatable noise
    seeds = [file.read_bytes()[6:] for file in sorted(CORPUS.iterdir())]
    noise = [rng.randbytes(rng.choice((0, 1, 7, 8, 12, 40, 200, 1400))) for _ in range(300)]
    garbage = [Forgery(garbage=each) for each in (*seeds, *(seed[:-1] for seed in seeds), *noise)]
    with Lab(Setup(interval=A, checks={}), rogue=True) as lab:
        lab.start()
        lab.settle()
        hosts, rogue = lab.hosts.values(), Rogue(lab.lan)
        rogue.flood(garbage, 300, 2)
        before = counters_of_all(lab)
        memory = {host.name: resident_bytes(host.daemon.pid) for host in hosts}
        seen, since = lab.witness.mark, time.monotonic()
        sent = rogue.flood(garbage, 300, 2).sent + rogue.flood(garbage, 5000, 2).sent
        lab.watch_for(3 * A)
        assert max(advert_gaps(lab.witness.since(seen), "a")) <= A + LATE + lab.late(since)
        assert lab.holders() == ["a"]
        after = counters_of_all(lab)
        for host in hosts:
            now = after[host.name]
            dropped = by_label(before[host.name], now, "vipsidecar_vrrp_adverts_dropped_total", "reason")
            grown = resident_bytes(host.daemon.pid) - memory[host.name]
            print(f"{host.name}: dropped {dropped}, memory grown by {grown / 1024:.0f} KiB")
            assert {"length", "vrid"} <= set(dropped)
            assert 0.95 * sent <= sum(dropped.values()) <= sent + UNCERTAIN
            assert risen(before[host.name], now, "vipsidecar_vrrp_transitions_total") == 0
            assert risen(before[host.name], now, "vipsidecar_errors_total", component="loop") == 0
            assert grown < 1 << 20


@pytest.mark.parametrize("kind", ["vrid", rest("checksum"), rest("ttl")])
def test_rejected_adverts_move_no_timer(kind: str) -> None:
    """The master dies: the backup waits as long as ever, though thousands of adverts claim priority 255."""
    with Lab(Setup(interval=QUICK, checks={}), rogue=True) as lab:
        lab.start()
        lab.settle()
        since = time.monotonic()
        quiet = _silence_until_takeover(lab)
        lab.hosts["a"].daemon.start()
        lab.await_server("a", within=10, mark=lab.client.mark)
        lab.settle()
        with Rogue(lab.lan).flooding(bogus([kind]), 5000, 3):
            lab.watch_for(0.5)
            noisy = _silence_until_takeover(lab)
        wait = master_down(240, QUICK)
        print(
            f"takeover after {quiet:.3f} s in silence, after {noisy:.3f} s under adverts with a wrong {kind}"
        )
        grace = TAKEOVER + WAKES * lab.late(since)
        assert wait <= quiet < wait + grace
        assert wait <= noisy < wait + grace


def _silence_until_takeover(lab: Lab) -> float:
    """Kill the master: seconds from its last advert to the first one of the backup, by the kernel's clock."""
    seen = lab.witness.mark
    lab.hosts["a"].daemon.kill()
    first = lab.await_sighting("advert", "b", 5, seen).about["stamp"]
    last = max(event.about["stamp"] for event in lab.witness.since() if event.is_("advert", "a"))
    assert isinstance(first, float)
    assert isinstance(last, float)
    return first - last
