"""nginx crashes again and again: the VIP does not follow every crash."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.lateness import Lateness
from tests.meanwhile import meanwhile
from tests.netns.bounds import WAKES, skew
from tests.netns.in_turn import deaths, serve
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.lan import address
from tests.netns.sightings import servers
from tests.netns.vrrp_daemon import Setup, router_status
from tests.netns.webserver import await_listening

pytestmark = pytest.mark.netns

FAST = 0.1
"""The faster the adverts, the sooner a host that recovered is back, and the more a crash loop can move."""
EVERY = 2.0


@contextmanager
def crash_loop(host: Host) -> Iterator[None]:
    """nginx of this host dies every two seconds, and is up again half a second later."""

    def work(over: threading.Event) -> None:
        while not over.is_set():
            host.nginx.kill()
            over.wait(EVERY / 4)
            host.nginx.start()
            await_listening(host.namespace, host.nginx)
            over.wait(EVERY * 3 / 4)

    with meanwhile(work):
        yield


def moves(lab: Lab, since: float) -> list[str]:
    """Every host that took the VIP after a moment, in order."""
    return [hold.host for hold in lab.holds() if hold.start > since]


@pytest.mark.timing
def test_a_crash_loop_moves_the_vip_once() -> None:
    with Lab(Setup(interval=FAST)) as lab:
        lab.start()
        since = time.monotonic()
        with crash_loop(lab.hosts["a"]):
            lab.watch_for(8 * EVERY)
        assert moves(lab, since) == ["b"]
        held = router_status(lab.hosts["a"].namespace)
        assert held["hold_down_seconds"] > 0
        assert held["state"] == "BACKUP"


@pytest.mark.timing
def test_free_crashes_move_it_there_and_back_and_then_the_loop_moves_nothing() -> None:
    with Lab(Setup(interval=FAST, router={"damping": {"free": 2, "hold": "10s"}})) as lab:
        lab.start()
        since = time.monotonic()
        with crash_loop(lab.hosts["a"]):
            lab.watch_for(3 * EVERY)
            third = time.monotonic()
            lab.watch_for(6 * EVERY)
            assert moves(lab, since) == ["b", "a", "b", "a", "b"]
            assert moves(lab, third) == []
            assert servers(lab.client.since(), third) == ["b"]


@pytest.mark.timing
def test_without_damping_every_crash_moves_it_there_and_back() -> None:
    with Lab(Setup(interval=FAST, router={"damping": False})) as lab:
        lab.start()
        since = time.monotonic()
        with crash_loop(lab.hosts["a"]):
            lab.watch_for(4 * EVERY - 0.2)
        assert len(moves(lab, since)) >= 7


@pytest.mark.timing
def test_the_hold_down_ends_and_the_better_host_is_back() -> None:
    with Lab(Setup(interval=FAST)) as lab:
        lab.start()
        crashed = time.monotonic()
        lab.hosts["a"].nginx.kill()
        lab.await_server("b")
        lab.hosts["a"].nginx.start()
        back = lab.await_server("a", within=8)
        assert 3.0 <= back.at - crashed < 4.0 + lab.grace(crashed)
        assert router_status(lab.hosts["a"].namespace)["hold_down_seconds"] is None


def test_a_host_that_is_held_down_still_beats_one_that_is_sick() -> None:
    with Lab(Setup(interval=FAST, router={"damping": {"hold": "1m"}})) as lab:
        lab.start()
        lab.hosts["a"].nginx.kill()
        lab.await_server("b")
        lab.hosts["a"].nginx.start()
        lab.watch_for(1)
        assert lab.holders() == ["b"]
        lab.hosts["b"].nginx.kill()
        lab.await_server("a", within=2)
        lab.await_sole("a")


@pytest.mark.timing
def test_two_hosts_that_fail_in_turn_serve_as_much_as_without_damping_and_move_no_more(
    lateness: Lateness,
) -> None:
    """The same deaths twice. `python -m bench.in_turn` does this for 90 s."""
    seconds = 14.0
    plan = deaths(seconds, seed=1)
    lateness()
    free = serve({"damping": False}, plan, seconds)
    damped = serve({}, plan, seconds)
    # Half a point of 14 s is 10 ms for each of the moves: a busy machine takes more.
    busy = 100 * len(damped.moves) * lateness() / seconds
    assert damped.answered >= free.answered - 0.5 - busy, (free, damped, busy)
    assert len(damped.moves) <= len(free.moves), (free, damped)


@pytest.mark.timing
@pytest.mark.parametrize("sick_first", [False, True], ids=["fit", "unfit"])
def test_with_two_hosts_the_backup_takes_over_at_once(sick_first: bool) -> None:
    """Fit or not: the skew of an unfit one would be 0.996 s."""
    with Lab(Setup(router={"hosts": 2})) as lab:
        lab.start()
        lab.settle()
        if sick_first:
            lab.hosts["b"].nginx.kill()
            wait_until(lambda: effective(lab, "b") == 1, 3, "b is unfit")
        mark, since = lab.witness.mark, time.monotonic()
        lab.hosts["a"].nginx.kill()
        gone = lab.await_removed("a", 2, mark)
        taken = lab.await_sighting("added", "b", 2, mark, address=lab.setup.vip)
        assert 0 <= taken.at - gone.at < skew(240, 1.0) + WAKES * lab.late(since)
        assert lab.overlap() == 0


def test_a_third_host_is_told_and_one_host_serves() -> None:
    with Lab(Setup(router={"hosts": 2}), hosts=3) as lab:
        lab.start()
        lab.settle()
        lab.hosts["a"].daemon.terminate(5)
        lab.await_server("b")
        lab.await_sole("b")
        lab.watch_for(1.5)
        assert lab.holders() == ["b"]
        assert router_status(lab.hosts["c"].namespace)["other_hosts"] == [address("a"), address("b")]
        wrong = "`hosts: 2` is wrong: 2 other hosts were heard"
        lab.hosts["c"].daemon.await_said('"reason": "third_host"', wrong)


def effective(lab: Lab, host: str) -> int:
    priority = router_status(lab.hosts[host].namespace)["priority"]["effective"]
    assert isinstance(priority, int)
    return priority
