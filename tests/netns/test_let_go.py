"""A host that has let go of the VIP says so as soon as it can: after a blip, after a crash, after a nap."""

import signal
import time
from collections.abc import Callable

import pytest

from sidecar.signals import LEFT_ALONE, STOP, name_of
from tests.netns.bounds import BUSY, LATE, WAKES, lease, skew
from tests.netns.lab import Lab, wait_until
from tests.netns.sightings import longest_gap
from tests.netns.vrrp_daemon import Setup, router_status
from tests.sample import rest

pytestmark = pytest.mark.netns

AT_ONCE = skew(240, 1) + LATE + BUSY
"""Within this b serves after a has said so. Without it b waits three intervals."""
DETECTION = 1.0
"""The kernel tells of a carrier up to a second late when it has just told of another one."""


def blip_of_the_interface(lab: Lab) -> None:
    lab.hosts["a"].namespace.ip("link set eth0 down")
    time.sleep(0.03)
    lab.hosts["a"].namespace.ip("link set eth0 up")


def blip_of_the_cable(lab: Lab) -> None:
    lab.lan.unplug("a")
    time.sleep(0.03)
    lab.lan.plug("a")


def a_new_card(lab: Lab) -> None:
    lab.lan.delete_interface("a")
    time.sleep(0.03)
    lab.lan.recreate_interface("a")


def the_address_goes_and_comes_back(lab: Lab) -> None:
    lab.hosts["a"].namespace.ip("addr del 10.77.0.11/24 dev eth0")
    time.sleep(0.03)
    lab.hosts["a"].namespace.ip("addr add 10.77.0.11/24 brd + dev eth0")


@pytest.mark.parametrize(
    "blip", [rest(blip_of_the_interface), blip_of_the_cable, a_new_card, the_address_goes_and_comes_back]
)
def test_after_a_blip_the_backup_does_not_wait_three_intervals(blip: Callable[[Lab], None]) -> None:
    with Lab() as lab:
        lab.start()
        lab.settle()
        mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
        blip(lab)
        lab.watch_for(2 * DETECTION)
        answers = lab.client.since(mark)
        gap = longest_gap(lab.client.since(), since)
        print(f"{blip.__name__}: {gap * 1e3:.0f} ms, served by {sorted({each.who for each in answers})}")
        assert gap < DETECTION + AT_ONCE + WAKES * lab.late(since)
        zeros = [event for event in lab.witness.since(seen) if event.is_("advert", "a", priority=0)]
        if any(hold.host == "b" and hold.start > since for hold in lab.holds()):
            assert len(zeros) == 1, "said once"
            assert lab.overlap(since) == 0
        lab.await_server("a", within=15, mark=lab.client.mark)
        lab.await_sole("a")


def test_a_sidecar_that_finds_the_vip_of_an_earlier_one_and_cannot_adopt_it_says_that_it_is_gone() -> None:
    """The lease is 8 s: it lasts for longer than a busy machine needs to start a process."""
    interval = 3.0
    at_once = skew(240, interval) + LATE + BUSY
    with Lab(Setup(interval=interval)) as lab:
        lab.start()
        lab.settle()
        mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
        lab.hosts["a"].daemon.kill()
        lab.forget_the_holder("a", 8)
        lab.watch_for(0.1)
        lab.hosts["a"].daemon.start()
        gone = lab.await_removed("a", lease(interval), seen)
        resigned = lab.await_sighting("advert", "a", 1, seen, priority=0)
        taken = lab.await_sighting("added", "b", at_once, seen, address=lab.setup.vip)
        lab.await_server("b", within=1, mark=mark)
        gap = longest_gap(lab.client.since(), since)
        print(f"killed and started: {gap * 1e3:.0f} ms without an answer")
        late = WAKES * lab.late(since)
        assert taken.at - gone.at < at_once + late
        assert gap < at_once + late
        assert lab.overlap(since) == 0
        lab.await_server("a", within=20, mark=lab.client.mark)
        zeros = [event for event in lab.witness.since(seen) if event.is_("advert", "a", priority=0)]
        assert [event.at for event in zeros] == [resigned.at], "said once"
        found = "the VIPs of an earlier life were still here and have been removed"
        lab.hosts["a"].daemon.await_said(found)


def test_a_sidecar_that_ended_in_order_says_nothing_when_it_starts() -> None:
    with Lab() as lab:
        lab.start()
        lab.hosts["a"].daemon.terminate(5)
        lab.await_server("b", mark=lab.client.mark)
        seen = lab.witness.mark
        lab.hosts["a"].daemon.start()
        lab.await_server("a", within=15, mark=lab.client.mark)
        assert not [event for event in lab.witness.since(seen) if event.is_("advert", "a", priority=0)]


@pytest.mark.timing
def test_a_nap_that_outlasts_the_lease_and_no_peers_patience_is_told_and_a_longer_one_is_not() -> None:
    with Lab() as lab:
        lab.start()
        lab.settle()
        a = lab.hosts["a"].daemon
        renewed = lab.await_sighting("advert", "a", 2, lab.witness.mark)
        seen = lab.witness.mark
        a.hang()
        lab.watch_for(renewed.at + 2.5 - time.monotonic())
        a.resume()
        lab.await_sighting("advert", "a", 0.3, seen, priority=0)
        lab.await_server("b", within=AT_ONCE, mark=lab.client.mark)
        lab.await_server("a", within=20, mark=lab.client.mark)
        lab.await_sole("a")
        seen = lab.witness.mark
        a.hang()
        lab.watch_for(4.5)
        a.resume()
        lab.watch_for(1)
        assert not [event for event in lab.witness.since(seen) if event.is_("advert", "a", priority=0)]
        assert lab.holders() == ["b"]


@pytest.mark.parametrize("number", STOP, ids=name_of)
def test_every_signal_that_asks_for_an_end_is_a_resignation(number: int) -> None:
    with Lab() as lab:
        lab.start(["a"])
        seen = lab.witness.mark
        lab.hosts["a"].daemon.send(number)
        assert lab.hosts["a"].daemon.wait(5) == 0
        lab.await_sighting("advert", "a", 1, seen, priority=0)
        assert lab.holders() == []
        log = lab.hosts["a"].daemon.log.read_text()
        assert f"stopped by {name_of(number)}" in log
        assert "Traceback" not in log


def test_no_other_signal_that_can_be_caught_ends_it_or_moves_the_vip() -> None:
    told = signal.valid_signals() - {*STOP, *LEFT_ALONE, signal.SIGUSR1, signal.SIGHUP}
    silent = LEFT_ALONE & {signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGCONT}
    silent |= {signal.SIGWINCH, signal.SIGURG}
    with Lab() as lab:
        lab.start(["a"])
        a, seen = lab.hosts["a"].daemon, lab.witness.mark
        for number in [*told, *silent, signal.SIGUSR1, signal.SIGHUP]:
            a.send(number)
            lab.watch_for(0.02)
        lab.watch_for(1)
        wait_until(lambda: '"result": "unchanged"' in a.log.read_text(), 30, "the outcome of the reload")
        log = a.await_said('"event": "status"', *(f'"{name_of(number)} ignored' for number in told))
        assert a.running
        assert router_status(lab.hosts["a"].namespace)["state"] == "MASTER"
        assert not [event for event in lab.witness.since(seen) if event.kind == "removed"]
        assert "Traceback" not in log
        assert "Error" not in log
