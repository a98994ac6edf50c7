"""Who is heard and refused: what that moves, and that status, /readyz, log and metrics tell of it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.netns.bounds import BUSY, QUICK, master_down
from tests.netns.keepalived import keepalived, keepalived_2_3_3
from tests.netns.lab import Lab, wait_until
from tests.netns.lan import VIP, address, link_local
from tests.netns.mismatches import (
    GONE,
    OTHER,
    assert_told_everywhere,
    command,
    held_by,
    mismatches,
    other_service,
    told,
    with_keys,
)
from tests.netns.namespace import Namespace
from tests.netns.rogue import Forgery, Rogue
from tests.netns.service import Service
from tests.netns.vrrp_daemon import Daemon, Setup, router_status, sidecar, status
from tests.sample import rest

pytestmark = pytest.mark.netns


@pytest.mark.parametrize(
    ("family", "version", "interval"),
    [
        pytest.param(4, 3, QUICK, id="v3"),
        rest(6, 3, QUICK, name="IPv6"),
        rest(4, 2, 1.0, name="v2"),
    ],
)
def test_two_pairs_with_one_vrid_each_serve_their_own_vip_and_say_what_they_hear(
    family: int, version: int, interval: float
) -> None:
    setup = Setup(interval=interval, checks={}, family=family, version=version)
    length = {4: 32, 6: 128}[family]
    other = with_keys(addresses=[f"{OTHER[family]}/{length}"])
    daemons = {"a": sidecar, "b": sidecar, "c": other, "d": other}
    name: Callable[[str], str] = address if family == 4 else link_local
    with Lab(setup, daemons, hosts=4) as lab:
        for host in lab.hosts.values():
            host.daemon.start()
        wait_until(lambda: held_by(lab, OTHER[family]) == ["c"], 15, "c holds the other VIP")
        lab.await_sole("a", 15)
        lab.watch_for(2 * master_down(220, interval))
        where = (held_by(lab, lab.setup.vip), held_by(lab, OTHER[family]))
        assert where == (["a"], ["c"])
        said = f"advertises {OTHER[family]}, we {lab.setup.vip}"
        for hearer in "ab":
            assert_told_everywhere(lab.hosts[hearer], name("c"), lab.lan.mac("c"), "addresses", said)
        for hearer in "cd":
            told(lab.hosts[hearer], name("a"), "addresses")
        # A resignation of one pair moves nothing in the other one.
        seen = lab.witness.mark
        lab.hosts["c"].daemon.terminate(5)
        wait_until(lambda: held_by(lab, OTHER[family]) == ["d"], 5, "d has followed c")
        lab.watch_for(2 * master_down(240, interval))
        assert held_by(lab, lab.setup.vip) == ["a"]
        moved = [
            event
            for event in lab.witness.since(seen)
            if event.about.get("address") == lab.setup.vip
            and (event.kind == "removed" or event.is_("added", "b"))
        ]
        assert not moved


@pytest.mark.parametrize("make", [rest(keepalived), keepalived_2_3_3])
def test_a_foreign_keepalived_of_the_highest_priority_is_told_and_not_followed(make: Daemon) -> None:
    setup = Setup(interval=QUICK, checks={})
    daemons = {"a": sidecar, "b": sidecar, "c": other_service(make)}
    with Lab(setup, daemons, hosts=3, priorities=(250, 240, 254)) as lab:
        lab.hosts["c"].daemon.start()
        wait_until(lambda: held_by(lab, OTHER[4]) == ["c"], 10, "keepalived serves")
        lab.start(["a", "b"])
        lab.watch_for(2 * master_down(240, QUICK) + BUSY)
        assert lab.holders() == ["a"]
        for name in "ab":
            said = "give one of the two services another VRID"
            assert_told_everywhere(lab.hosts[name], address("c"), lab.lan.mac("c"), "addresses", said)
        lab.hosts["c"].daemon.kill()
        wait_until(lambda: not mismatches(lab.hosts["a"]), GONE, "nobody is told of any more")
        assert command(lab.hosts["a"], "status")[0] == 0
        assert status(lab.hosts["a"].namespace, "/readyz") == (200, "ok\n")


@pytest.mark.parametrize(("make", "serves"), [(keepalived, True), (keepalived_2_3_3, False)])
def test_keepalived_from_2_3_3_on_follows_a_master_of_another_vip_and_2_2_7_does_not(
    make: Daemon, serves: bool
) -> None:
    """What docs/interop.md says of peers: which service is on nobody when VRIDs clash."""
    daemons = {"a": sidecar, "c": other_service(make)}
    with Lab(Setup(interval=QUICK, checks={}), {**daemons, "b": sidecar}, hosts=3) as lab:
        lab.hosts["a"].daemon.start()
        lab.await_server("a", 10)
        lab.hosts["c"].daemon.start()
        told(lab.hosts["a"], address("c"), "addresses") if serves else lab.watch_for(6)
        lab.watch_for(2 * master_down(100, QUICK))
        assert held_by(lab, OTHER[4]) == (["c"] if serves else [])
        assert lab.holders() == ["a"]


def test_keepalived_of_its_default_version_is_told_with_the_line_that_mends_it() -> None:
    """Case B1: two masters, which both sides refuse to hear."""

    def version_2(ns: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
        return keepalived(ns, host, priority, folder, replace(setup, version=2))

    with Lab(Setup(interval=1, checks={}), {"a": version_2, "b": sidecar}) as lab:
        lab.hosts["a"].daemon.start()
        lab.await_server("a", 10)
        lab.hosts["b"].daemon.start()
        wait_until(lambda: sorted(lab.holders()) == ["a", "b"], 10, "both serve")
        b = lab.hosts["b"]
        said = "speaks VRRP version 2, we version 3; set `vrrp_version 3` in its keepalived.conf, or"
        assert_told_everywhere(b, address("a"), lab.lan.mac("a"), "version", said)
        why = router_status(b.namespace)["reason"]
        # The time itself is that of a busy machine.
        assert re.match(r"no advertisement of any master for [0-9.]+ s", why), why
        assert "; heard and refused: " in why
        assert f"adverts of {address('a')} (it speaks VRRP version 2, we version 3)" in why


def test_another_interval_of_version_2_is_told() -> None:
    """Case B2."""
    slow = with_keys(advert_interval="3s")
    with Lab(Setup(interval=1, version=2, checks={}), {"a": slow, "b": sidecar}) as lab:
        for host in lab.hosts.values():
            host.daemon.start()
        wait_until(lambda: sorted(lab.holders()) == ["a", "b"], 15, "both serve")
        said = "advertises every 3 s, we every 1 s"
        assert_told_everywhere(lab.hosts["b"], address("a"), lab.lan.mac("a"), "interval", said)
        said = "every 1 s, we every 3 s"
        assert_told_everywhere(lab.hosts["a"], address("b"), lab.lan.mac("b"), "interval", said)


UNICAST = {"unicast": {"source": address("b"), "peers": [address("c")]}}
CASES = [
    pytest.param({}, UNICAST, "destination", "by multicast, we listen to unicast", id="multicast"),
    pytest.param({"vrid": 52}, {}, "vrid", f"claims {VIP} with VRID 52", id="vrid"),
    pytest.param(
        {"unicast": {"source": address("a"), "peers": [address("b")]}},
        {},
        "destination",
        f"by unicast to {address('b')}, we listen to multicast",
        id="unicast",
    ),
    pytest.param(
        {"unicast": {"source": address("a"), "peers": [address("b")]}},
        UNICAST,
        "source",
        f"add {address('a')} to `unicast.peers` here",
        id="source",
    ),
]


@pytest.mark.parametrize(("theirs", "ours", "reason", "said"), CASES)
def test_two_hosts_that_do_not_agree_how_to_speak_are_told(
    theirs: dict[str, Any], ours: dict[str, Any], reason: str, said: str
) -> None:
    setup = Setup(interval=QUICK, checks={})
    with Lab(setup, {"a": with_keys(**theirs), "b": with_keys(**ours)}) as lab:
        for host in lab.hosts.values():
            host.daemon.start()
        wait_until(lambda: sorted(lab.holders()) == ["a", "b"], 10, "both serve")
        assert_told_everywhere(lab.hosts["b"], address("a"), lab.lan.mac("a"), reason, said)


def test_a_list_that_overlaps_is_followed_and_told() -> None:
    setup = Setup(interval=QUICK, checks={}, more={"a": ["10.77.0.101"]})
    with Lab(setup) as lab:
        lab.start()
        b = lab.hosts["b"]
        found = told(b, address("a"), "addresses")
        assert (found["refused"], found["mac"]) == (False, lab.lan.mac("a"))
        assert f"{VIP}, 10.77.0.101, we {VIP}" in found["detail"]
        assert command(b, "status")[0] == 1
        assert command(b, "healthcheck")[0] == 0
        lab.settle()


def test_changing_the_only_vip_host_after_host_serves_both_meanwhile() -> None:
    """The old one is served by who still has it in its file, the new one by the others."""
    with Lab(Setup(interval=QUICK, checks={})) as lab:
        lab.start()
        for name, old, new in (("b", ["a"], ["b"]), ("a", [], ["a"])):
            host = lab.hosts[name]
            host.daemon.terminate(5)
            changed = with_keys(addresses=[f"{OTHER[4]}/32"])
            changed(host.namespace, name, host.priority, host.daemon.log.parent, lab.setup)
            host.daemon.start()
            what = f"{VIP} on {old}, {OTHER[4]} on {new}"
            wait_until(lambda: (held_by(lab, VIP), held_by(lab, OTHER[4])) == (old, new), 10, what)  # noqa: B023
            lab.watch_for(2 * master_down(240, QUICK))
            assert (held_by(lab, VIP), held_by(lab, OTHER[4])) == (old, new)


@pytest.mark.parametrize("keys", [{}, rest({"virtual_mac": True}), {"unicast": True}], ids=str)
def test_a_lan_with_other_virtual_routers_is_no_reason_to_worry(keys: dict[str, Any]) -> None:
    unicast = "unicast" in keys
    setup = Setup(interval=QUICK, checks={}, router={} if unicast else keys, unicast=unicast)
    with Lab(setup, rogue=True) as lab:
        lab.start()
        others = [
            Forgery(vrid=vrid, vips=(f"10.77.0.{vrid}",), version=version, interval_cs=100, source=source)
            for vrid in (1, 50, 52, 255)
            for version in (2, 3)
            for source in (f"10.77.0.{150 + vrid // 4}",)
        ]
        if unicast:
            others.append(Forgery(vips=(OTHER[4],)))
        Rogue(lab.lan).flood(others, 200, 4)
        for host in lab.hosts.values():
            assert mismatches(host) == []
            assert command(host, "status")[0] == 0
        assert lab.holders() == ["a"]


@pytest.mark.alone
def test_invented_senders_hide_nobody_who_claims_our_vip() -> None:
    """200 refused packets a second, each of another sender, and one host of version 2 that serves."""
    old = with_keys(version=2, advert_interval="1s")
    with Lab(Setup(interval=1, checks={}), {"a": sidecar, "b": old}, rogue=True) as lab:
        noise = [
            Forgery(ttl=64, vips=(OTHER[4],), source=f"10.78.{n // 250}.{1 + n % 250}") for n in range(2000)
        ]
        lab.hosts["a"].daemon.start()
        lab.await_server("a", 10)
        with Rogue(lab.lan).flooding(noise, 200, 9):
            lab.watch_for(1)
            lab.hosts["b"].daemon.start()
            wait_until(lambda: sorted(lab.holders()) == ["a", "b"], 10, "both serve")
            told(lab.hosts["a"], address("b"), "version")
            found = mismatches(lab.hosts["a"])
            assert found[0]["source"] == address("b")
            assert len(found) <= 16
