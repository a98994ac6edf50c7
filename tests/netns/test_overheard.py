"""Status is never ok where two hosts serve, whatever the router itself hears, and names the other host."""

import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.netns.bounds import QUICK
from tests.netns.keepalived import keepalived
from tests.netns.lab import Lab, wait_until
from tests.netns.lan import address
from tests.netns.mismatches import with_keys
from tests.netns.nodes import READ, says
from tests.netns.overheard import assert_named_in_time, filtered, lost_on_the_way, tells
from tests.netns.vrrp_daemon import Setup, metrics

pytestmark = pytest.mark.netns

SETUP = Setup(interval=QUICK, checks={})


@pytest.mark.timing
def test_a_cut_in_one_direction_is_told_on_both_hosts_with_the_mac_of_the_other() -> None:
    with Lab(SETUP) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        who = {name: f"two hosts: this one and {address(name)} ({lab.lan.mac(name)}), " for name in "ab"}
        with filtered(lab.lan, "a", "b"):
            wait_until(partial(tells, a, 0), READ, "a standby that is not heard is no split")
        begun = time.monotonic()
        with filtered(lab.lan, "b", "a"):
            said = f"{who['a']}which advertises with priority 250; its adverts come to eth0 and do not pass"
            wait_until(partial(tells, b, 2, said), READ, "b names a, and its own packet filter")
            said = f"{who['b']}which advertises with priority 240; it does not hear this host"
            wait_until(partial(tells, a, 2, said), READ, "a names b")
            assert_named_in_time(lab, begun)
            assert says(a, 2, said)
        lab.await_sole("a", READ)
        for host in (a, b):
            wait_until(partial(tells, host, 0), READ, f"all is well on {host.name}")
        begun = time.monotonic()
        with lost_on_the_way(lab.lan, "a"):
            said = f"{who['a']}which answers for it although none of its adverts comes to eth0"
            wait_until(partial(tells, b, 2, said), READ, "b asks for its VIP, and a answers")
            said = f"{who['b']}which advertises with priority 240"
            wait_until(partial(tells, a, 2, said), READ, "a names b")
            assert_named_in_time(lab, begun)
            series = 'vipsidecar_vrrp_lan_findings{kind="two_holders",router="web"} 1.0'
            assert series in metrics(b.namespace)


@pytest.mark.timing
def test_a_cut_of_ipv6_is_told_on_both_hosts_by_neighbour_discovery() -> None:
    with Lab(replace(SETUP, family=6)) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        begun = time.monotonic()
        with lost_on_the_way(lab.lan, "a"):
            said = f"answers for {lab.setup.vip}: {lab.lan.mac('a')} on eth0, which was not heard"
            wait_until(partial(tells, b, 2, said), READ, "b asks for its VIP, and a answers")
            said = f"({lab.lan.mac('b')}), which advertises with priority 240"
            wait_until(partial(tells, a, 2, said), READ, "a names b")
            assert_named_in_time(lab, begun)
        lab.await_sole("a", READ)
        for host in (a, b):
            wait_until(partial(tells, host, 0), READ, f"all is well on {host.name}")


def test_another_program_on_the_host_and_another_machine_with_the_vip_are_told(tmp_path: Path) -> None:
    with Lab(SETUP, rogue=True) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        beside = keepalived(a.namespace, "a", 100, tmp_path, SETUP)
        beside.start()
        try:
            said = f"another program on this host advertises web, too: adverts from {address('a')} leave eth0"
            wait_until(partial(tells, a, 2, said), READ, "a tells of the program beside it")
            said = f"{address('a')} ({lab.lan.mac('a')}) advertises web twice, with priorities "
            wait_until(partial(tells, b, 1, said), READ, "b tells of two programs on a")
        finally:
            beside.kill()
        # It says nothing by itself: the hosts ask.
        lab.lan.members["rogue"].ip(f"addr add {lab.setup.vip}/32 dev eth0")
        for host in (a, b):
            said = f"another machine answers for {lab.setup.vip}: {lab.lan.mac('rogue')} on eth0"
            wait_until(partial(tells, host, 2, said), READ, f"{host.name} tells of a third machine")


def test_a_host_that_must_not_serve_beside_an_unknown_machine_waits_until_that_is_silent() -> None:
    daemon = with_keys(refuse_answered=True, startup_delay="4s")
    with Lab(SETUP, {"a": daemon}, hosts=1, rogue=True) as lab:
        a, rogue = lab.hosts["a"], lab.lan.members["rogue"]
        rogue.ip(f"addr add {lab.setup.vip}/32 dev eth0")
        a.daemon.start()
        said = f"web is FAULT: another machine answers for {lab.setup.vip}: {lab.lan.mac('rogue')} on eth0"
        wait_until(partial(tells, a, 2, said), READ, "a holds back")
        lab.watch_for(5)
        assert lab.holders() == []
        rogue.ip(f"addr del {lab.setup.vip}/32 dev eth0")
        wait_until(lambda: lab.holders() == ["a"], READ, "a serves")
