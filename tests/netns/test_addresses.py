"""Somebody else changes the addresses of a host; the sidecar may not or must not."""

import json

import pytest

from tests.netns.bounds import BUSY, QUICK, READD, WAKES, lease
from tests.netns.lab import Lab, wait_until
from tests.netns.lan import VIP
from tests.netns.vrrp_daemon import Setup, answered, router_status

pytestmark = pytest.mark.netns


def test_the_vip_is_leased_from_the_kernel_and_marked() -> None:
    with Lab() as lab:
        lab.start()
        lab.watch_for(1.5)
        added = [event for event in lab.witness.since() if event.is_("added", "a", address=VIP)]
        assert len(added) > 1, "renewed with the adverts"
        assert {event.about["valid"] for event in added} == {lease(1)}
        assert {event.about["prefix"] for event in added} == {32}
        router, mac = router_status(lab.hosts["a"].namespace), lab.lan.mac("a")
        assert (router["state"], router["claims"]) == ("MASTER", [])
        assert router["addresses"] == [{"address": f"{VIP}/32", "desired": True, "owned": True, "mac": mac}]
        b = lab.hosts["b"].namespace
        wait_until(lambda: bool(router_status(b)["claims"]), 5, "b has seen who claims the VIP")
        other = router_status(b)
        assert (other["state"], {claim["mac"] for claim in other["claims"]}) == ("BACKUP", {mac})
        assert other["addresses"] == [{"address": f"{VIP}/32", "desired": False, "owned": False, "mac": None}]


@pytest.mark.timing
def test_deleted_by_hand_it_is_back_in_place() -> None:
    with Lab() as lab:
        lab.start()
        seen = lab.witness.mark
        lab.hosts["a"].namespace.ip(f"addr del {VIP}/32 dev eth0")
        gone = lab.await_removed("a", 1, seen)
        after = next(i for i, event in enumerate(lab.witness.since(seen)) if event == gone) + seen
        back = lab.await_sighting("added", "a", 3, after, address=VIP)
        assert back.at - gone.at <= READD + WAKES * lab.late(gone.at - READD)
        assert lab.await_sighting("announced", "a", 1, after).at >= back.at
        assert not [e for e in lab.witness.since(seen) if e.is_("advert", priority=0) or e.is_("added", "b")]


def test_the_vip_of_somebody_else_is_left_alone_and_the_host_does_not_serve() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        a = lab.hosts["a"]
        a.namespace.ip(f"addr add {VIP}/32 dev eth0")
        seen = lab.witness.mark
        a.daemon.start()
        lab.hosts["b"].daemon.start()
        lab.await_sighting("added", "b", 5, seen, address=VIP)
        wait_until(lambda: router_status(a.namespace)["state"] == "FAULT", 5, "a is at fault")
        assert router_status(a.namespace)["addresses"][0]["owned"] is False
        assert a.daemon.terminate(5)[0] == 0
        assert VIP in a.namespace.ip("addr show")
        assert not [event for event in lab.witness.since(seen) if event.is_("removed", "a")]


def test_once_the_foreign_address_is_gone_the_host_serves() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        a = lab.hosts["a"]
        a.namespace.ip(f"addr add {VIP}/32 dev eth0")
        seen = lab.witness.mark
        a.daemon.start()
        lab.hosts["b"].daemon.start()
        lab.await_sighting("added", "b", 5, seen, address=VIP)
        mark = lab.witness.mark
        a.namespace.ip(f"addr del {VIP}/32 dev eth0")
        lab.await_sighting("added", "a", 5, mark, address=VIP)
        lab.await_server("a", mark=lab.client.mark)


def test_other_addresses_survive_the_whole_life_of_the_sidecar() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        a = lab.hosts["a"]
        a.namespace.ip("addr add 10.77.0.99/32 dev eth0", "addr add 10.78.0.1/24 dev eth0")
        before = a.namespace.run("ip", "-4", "addr", "show", "dev", "eth0")
        lab.start()
        a.daemon.terminate(5)
        assert a.namespace.run("ip", "-4", "addr", "show", "dev", "eth0") == before


def test_without_a_source_address_the_host_is_at_fault_until_it_has_one() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        a = lab.hosts["a"]
        mark = lab.client.mark
        a.namespace.ip(f"addr del {a.address}/24 dev eth0")
        lab.await_server("b", mark=mark)
        lab.await_removed("a", BUSY, 0)
        wait_until(lambda: router_status(a.namespace)["state"] == "FAULT", 5, "a is at fault")
        a.namespace.ip(f"addr add {a.address}/24 brd + dev eth0")
        lab.await_server("a", within=5, mark=lab.client.mark)


@pytest.mark.parametrize("capability", ["net_admin", "net_raw"])
def test_a_missing_capability_is_named_at_start(capability: str) -> None:
    with Lab() as lab:
        daemon = lab.hosts["a"].daemon
        daemon.argv[:0] = ["setpriv", f"--bounding-set=-{capability}"]
        seen = lab.witness.mark
        daemon.start()
        assert daemon.wait(10) != 0
        assert capability.upper() in daemon.log.read_text(encoding="utf-8")
        assert not [event for event in lab.witness.since(seen) if event.kind in ("advert", "added")]


def test_health_and_metrics_agree_with_the_kernel() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        a, b = (lab.hosts[name].namespace for name in "ab")
        answered(a, "/healthz")
        owned = f'vipsidecar_vip_owned{{router="web",vip="{VIP}/32"}}'
        wait_until(lambda: f"{owned} 1.0" in answered(a, "/metrics"), 5, "a says that it has the VIP")
        wait_until(lambda: f"{owned} 0.0" in answered(b, "/metrics"), 5, "b says that it has not")

        def up() -> set[str]:
            return {check["name"] for check in json.loads(answered(a))["checks"] if check["up"]}

        wait_until(lambda: up() == {"nginx", "http"}, 5, "the checks of a pass")
