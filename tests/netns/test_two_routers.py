"""Two virtual routers on one pair: load sharing, moving together, both families side by side."""

import time

import pytest

from tests.netns.bounds import LATE, QUICK, WAKES, master_down, skew
from tests.netns.lab import Lab, wait_until
from tests.netns.lan import VIP, VIPS
from tests.netns.sightings import Hold, holds, longest_gap, overlap
from tests.netns.two_routers import SECOND_VIP, two_routers
from tests.netns.vrrp_daemon import Setup, router_status

pytestmark = pytest.mark.netns

TOGETHER = 0.1
"""Seconds by which two routers of a group may differ: the kernel's answers to one and the other."""
SETUP = Setup(interval=QUICK)


def where(lab: Lab, vip: str) -> list[Hold]:
    return holds(lab.witness.since(), vip)


def held_by(lab: Lab, vip: str) -> list[str]:
    return [hold.host for hold in where(lab, vip) if hold.end == float("inf")]


def await_holders(lab: Lab, one: str, two: str, within: float, second: str = SECOND_VIP) -> float:
    """Wait until each VIP is where it belongs, and nowhere else. Return the time it took."""
    begun = time.monotonic()
    what = f"{VIP} on {one} and {second} on {two}"
    wait_until(lambda: (held_by(lab, VIP), held_by(lab, second)) == ([one], [two]), within, what)
    return time.monotonic() - begun


def start(lab: Lab, one: str, two: str, second: str = SECOND_VIP) -> None:
    """Start both hosts and wait until each VIP is where it belongs."""
    for host in lab.hosts.values():
        host.daemon.start()
    await_holders(lab, one, two, 10, second)
    lab.watch_for(1)


def test_load_is_shared_until_one_host_dies_and_again_when_it_is_back() -> None:
    with Lab(SETUP, two_routers({"a": {"priority": 240}, "b": {"priority": 250}})) as lab:
        start(lab, "a", "b")
        for victim, other in ("ab", "ba"):
            lab.power_off(victim)
            took = await_holders(lab, other, other, 5)
            assert took < master_down(240, QUICK) + LATE + lab.grace(time.monotonic() - took)
            lab.power_on(victim)
            await_holders(lab, "a", "b", 10)
        since = time.monotonic()
        lab.hosts["a"].daemon.terminate(5)
        took = await_holders(lab, "b", "b", 5)
        assert took < skew(240, QUICK) + LATE + lab.grace(time.monotonic() - took)
        assert longest_gap(lab.client.since(), since) < skew(240, QUICK) + LATE + lab.grace(since)


def apart(lab: Lab, since: float) -> float:
    """Seconds since then during which a host had one of the two VIPs and not the other."""
    now, total = time.monotonic(), 0.0
    for host in lab.hosts:
        times = [[h for h in where(lab, vip) if h.host == host] for vip in (VIP, SECOND_VIP)]
        alone = sum(min(h.end, now) - max(h.start, since) for each in times for h in each if h.end > since)
        total += alone - 2 * overlap([*times[0], *times[1]], since, now)
    return total


def give_cable(lab: Lab) -> None:
    """Give each host what the second router depends on: a cable of its own."""
    for host in lab.hosts.values():
        host.namespace.ip("link add x0 type veth peer name x1", "link set x0 up", "link set x1 up")


def test_one_routers_check_moves_the_whole_group_and_never_apart() -> None:
    daemon = two_routers({}, together=True, checks={"cable": {"link": "x0"}})
    with Lab(SETUP, daemon) as lab:
        give_cable(lab)
        start(lab, "a", "a")
        since = time.monotonic()
        lab.hosts["a"].namespace.ip("link set x1 down")
        took = await_holders(lab, "b", "b", 5)
        assert took < skew(240, QUICK) + LATE + lab.grace(time.monotonic() - took)
        assert router_status(lab.hosts["a"].namespace, "one")["state"] == "BACKUP"
        lab.hosts["a"].namespace.ip("link set x1 up")
        await_holders(lab, "a", "a", 10)
        assert apart(lab, since) < 4 * TOGETHER + WAKES * lab.late(since)
        lab.watch_for(1)
        assert (held_by(lab, VIP), held_by(lab, SECOND_VIP)) == (["a"], ["a"])


def test_one_routers_vip_trouble_moves_the_whole_group() -> None:
    with Lab(SETUP, two_routers({}, together=True)) as lab:
        start(lab, "a", "a")
        since, a = time.monotonic(), lab.hosts["a"]
        a.namespace.ip("link add x0 type veth peer name x1", f"addr add {SECOND_VIP}/32 dev x0")
        wait_until(lambda: held_by(lab, VIP) == ["b"], 5, "the other VIP has moved along")
        assert router_status(a.namespace, "two")["state"] == "FAULT"
        assert router_status(a.namespace, "one")["state"] == "BACKUP"
        assert "b" in held_by(lab, SECOND_VIP)
        a.namespace.ip("link del x0")
        await_holders(lab, "a", "a", 10)
        assert overlap(where(lab, VIP), since, time.monotonic()) < lab.handover(since)


@pytest.mark.parametrize("deed", ["terminate", "kill"])
def test_a_group_leaves_and_comes_back_whole(deed: str) -> None:
    with Lab(SETUP, two_routers({}, together=True)) as lab:
        start(lab, "a", "a")
        since = time.monotonic()
        if deed == "terminate":
            lab.hosts["a"].daemon.terminate(5)
        else:
            lab.power_off("a")
        took = await_holders(lab, "b", "b", 5)
        assert took < master_down(240, QUICK) + LATE + lab.grace(time.monotonic() - took)
        if deed == "terminate":
            lab.hosts["a"].daemon.start()
        else:
            lab.power_on("a")
        await_holders(lab, "a", "a", 10)
        assert apart(lab, since) < 4 * TOGETHER + WAKES * lab.late(since)


def test_both_families_are_served_by_one_process_side_by_side() -> None:
    six = {"vrid": 51, "addresses": [f"{VIPS[6]}/128"]}
    with Lab(SETUP, two_routers({"a": six, "b": six})) as lab:
        start(lab, "a", "a", VIPS[6])
        lab.power_off("a")
        took = await_holders(lab, "b", "b", 5, VIPS[6])
        assert took < master_down(240, QUICK) + LATE + lab.grace(time.monotonic() - took)
        lab.lan.members["client"].run("ping", "-c5", "-i0.2", "-W1", VIPS[6])
        lab.await_server("b")
        lab.power_on("a")
        await_holders(lab, "a", "a", 10, VIPS[6])
        lab.lan.members["client"].run("ping", "-c5", "-i0.2", "-W1", VIPS[6])
        seen = {
            (e.about["source"].count(":") > 0, e.about["vrid"])
            for e in lab.witness.since()
            if e.kind == "advert"
        }
        assert seen == {(False, 51), (True, 51)}
