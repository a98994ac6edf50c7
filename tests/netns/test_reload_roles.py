"""Reloads of a real pair that change how its routers speak, where their VIPs are, and which move together."""

import json
import time

import pytest

from tests.netns.bounds import QUICK, WAKES, lease
from tests.netns.counters import counters, risen
from tests.netns.lab import PATIENT, Lab, wait_until
from tests.netns.lan import VIP, VIPS, address
from tests.netns.reloading import Reloading
from tests.netns.sightings import holds, servers
from tests.netns.two_routers import SECOND_VIP, two_routers
from tests.netns.vrrp_daemon import Setup, answered, router_status

pytestmark = pytest.mark.netns

SLOW = 3.0
"""Interval of changes that both hosts must make before a backup takes over, in 9 s."""


def both(lab: Lab) -> list[Reloading]:
    return [Reloading(host) for host in lab.hosts.values()]


def last_advert_age(at: Reloading) -> float:
    """Seconds since the host has heard its master, as it says itself."""
    told = router_status(at.host.namespace)["master"]
    return float(told["last_advert_age_seconds"]) if told else float("inf")


def mode(at: Reloading) -> str:
    """How a host says that it speaks."""
    text = answered(at.host.namespace, "/metrics")
    (line,) = [line for line in text.splitlines() if line.startswith("vipsidecar_vrrp_info{")]
    return line.partition('mode="')[2].partition('"')[0]


def test_a_pair_goes_from_multicast_to_unicast_and_back_and_the_vip_stays() -> None:
    with Lab(Setup(interval=SLOW), patience=PATIENT) as lab:
        lab.start()
        lab.settle()
        pair, mark, seen = both(lab), lab.client.mark, lab.witness.mark
        for wanted in ("unicast", "multicast"):
            for each, peer in zip(pair, "ba", strict=True):
                each.router.pop("unicast", None)
                if wanted == "unicast":
                    each.router["unicast"] = {"source": address(each.host.name), "peers": [address(peer)]}
                each.write()
            assert [outcome["result"] for outcome in Reloading.hang_up_all(pair)] == ["applied"] * 2
            wait_until(
                lambda wanted=wanted: [mode(each) for each in pair] == [wanted] * 2,  # type: ignore[misc]
                5,
                f"both say that they speak by {wanted}",
            )
            changed = time.monotonic()
            wait_until(
                lambda changed=changed: last_advert_age(pair[1]) < time.monotonic() - changed,  # type: ignore[misc]
                2 * SLOW,
                f"b hears a by {wanted}",
            )
        assert servers(lab.client.since(mark)) == ["a"]
        assert not [e for e in lab.witness.since(seen) if e.is_("removed", address=VIP)]
        assert lab.holders() == ["a"]
        counted = counters(lab.hosts["b"].namespace)
        assert risen({}, counted, "vipsidecar_vrrp_transitions_total", to_state="MASTER") == 0


def test_a_virtual_mac_is_given_up_and_taken_again_and_its_vips_change_in_place() -> None:
    with Lab(Setup(interval=QUICK, router={"virtual_mac": True})) as lab:
        lab.start()
        lab.settle()
        pair, more = both(lab), "10.77.0.101/32"
        seen = lab.witness.mark
        for each in pair:
            each.router["addresses"].append(more)
            each.apply()
        wait_until(lambda: more in on(lab, "vrrp4-51"), 5, "the new VIP is where the others are")
        assert not [e for e in lab.witness.since(seen) if e.is_("removed", address=VIP)]
        for virtual in (False, True):
            for each in pair:
                each.router["virtual_mac"] = virtual
                outcome = each.apply()
                assert any(change["path"] == "virtual_routers.web" for change in outcome["changes"]), outcome
            where, other = ("vrrp4-51", "eth0") if virtual else ("eth0", "vrrp4-51")
            wait_until(
                lambda where=where, other=other: (  # type: ignore[misc]
                    f"{VIP}/32" in on(lab, where) - on(lab, other)
                ),
                10,
                f"the VIP on {where} alone",
            )
            lab.await_sole("a", within=10)
            wait_until(
                lambda virtual=virtual: (  # type: ignore[misc]
                    ("vrrp4-51" in lab.hosts["a"].namespace.run("ip", "-o", "link")) is virtual
                ),
                5,
                "the interface is there as long as it is needed",
            )


def on(lab: Lab, interface: str) -> set[str]:
    """Addresses on an interface of host a; none if there is no such interface."""
    told = json.loads(lab.hosts["a"].namespace.run("ip", "-j", "addr"))
    found = (each for each in told if each.get("ifname") == interface)
    return {f"{info['local']}/{info['prefixlen']}" for each in found for info in each["addr_info"]}


def test_a_sync_group_is_made_and_dissolved_at_run_time() -> None:
    with Lab(Setup(interval=QUICK), two_routers({}, checks={"cable": {"link": "x0"}})) as lab:
        for host in lab.hosts.values():
            host.namespace.ip("link add x0 type veth peer name x1", "link set x0 up", "link set x1 up")
            host.daemon.start()
        await_both(lab, "a", "a")
        lab.watch_for(4 * QUICK)
        pair, since, seen = both(lab), time.monotonic(), lab.witness.mark
        for each in pair:
            each.document["sync_groups"] = {"both": ["one", "two"]}
            each.apply()
        assert not [e for e in lab.witness.since(seen) if e.kind == "removed" and e.host == "a"]
        pull_out(lab)
        await_both(lab, "b", "b")
        put_back(lab)
        await_both(lab, "a", "a")
        for each in pair:
            del each.document["sync_groups"]
            each.apply()
        pull_out(lab)
        await_both(lab, "a", "b")
        put_back(lab)
        await_both(lab, "a", "a")
        assert lab.overlap(since) < lease(QUICK) + WAKES * lab.late(since)


def pull_out(lab: Lab) -> None:
    """The check of the second router fails on host a."""
    lab.hosts["a"].namespace.ip("link set x1 down")


def put_back(lab: Lab) -> None:
    lab.hosts["a"].namespace.ip("link set x1 up")


def await_both(lab: Lab, one: str, two: str) -> None:
    """Wait until the VIP of each router is there, and nowhere else."""

    def held() -> list[list[str]]:
        seen = lab.witness.since()
        return [[h.host for h in holds(seen, vip) if h.end == float("inf")] for vip in (VIPS[4], SECOND_VIP)]

    wait_until(lambda: held() == [[one], [two]], 10, f"{VIP} on {one}, {SECOND_VIP} on {two}")
