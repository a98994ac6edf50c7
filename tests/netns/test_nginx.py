"""nginx of the serving host fails: the other serves; if no nginx is left somebody still holds the VIP."""

import time
from functools import partial

import pytest

from tests.netns.bounds import BUSY, LATE, QUICK, master_down, skew
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.lan import VIP
from tests.netns.sightings import longest_gap, servers
from tests.netns.vrrp_daemon import ALL_CHECKS, Setup, router_status

pytestmark = pytest.mark.netns


def test_killed() -> None:
    with Lab(Setup(checks=ALL_CHECKS)) as lab:
        lab.start()
        mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
        lab.hosts["a"].nginx.kill()
        lab.await_server("b", mark=mark)
        lab.await_removed("a", 1, seen)
        assert longest_gap(lab.client.since(), since) < skew(240, 1) + LATE + lab.grace(since)
        assert lab.witness.wait(lambda event: event.is_("advert", "a", priority=0), 1, seen)
        assert lab.overlap() == 0
        lab.hosts["a"].nginx.start()
        lab.await_server("a", mark=lab.client.mark)
        assert servers(lab.client.since(mark))[-2:] == ["b", "a"]


def test_hung() -> None:
    with Lab() as lab:
        lab.start()
        mark, since = lab.client.mark, time.monotonic()
        lab.hosts["a"].nginx.hang()
        lab.await_server("b", mark=mark)
        detected = 2 * 0.2 + 0.2
        assert longest_gap(lab.client.since(), since) < detected + skew(240, 1) + LATE + lab.grace(since)
        assert lab.overlap() == 0
        lab.hosts["a"].nginx.resume()
        lab.await_server("a", mark=lab.client.mark)


def unfit(host: Host) -> bool:
    return bool(router_status(host.namespace)["priority"]["effective"] == 1)


def test_both_dead_leaves_the_vip_served_and_does_not_ping_pong() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        for host in lab.hosts.values():
            host.nginx.kill()
        for host in lab.hosts.values():
            wait_until(partial(unfit, host), 5, f"{host.name} has noticed")
        lab.watch_for(4 * lab.setup.interval + LATE + BUSY)
        mark = lab.witness.mark
        lab.watch_for(2)
        held = lab.holders()
        assert len(held) == 1
        changes = [event for event in lab.witness.since(mark) if event.kind == "removed"]
        assert not changes
        assert router_status(lab.hosts[held[0]].namespace)["priority"]["effective"] == 1
        lab.hosts["b"].nginx.start()
        lab.await_server("b", within=2 + master_down(240, lab.setup.interval) + BUSY)


def test_a_host_without_nginx_gives_way_even_if_the_other_comes_later() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        a, b = lab.hosts["a"], lab.hosts["b"]
        a.nginx.kill()
        seen = lab.witness.mark
        a.daemon.start()
        lab.await_sighting("added", "a", 10, seen, address=VIP)
        b.daemon.start()
        lab.await_server("b", within=10)
        lab.await_removed("a", 1, seen)
        lab.await_sole("b")
