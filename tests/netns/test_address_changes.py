"""The addresses of a serving host change, in any order: clients are answered, and nothing else changes."""

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from itertools import product

import pytest

from tests.netns.bounds import LATE, QUICK, WAKES, skew
from tests.netns.lab import Lab, wait_until
from tests.netns.lan import VIP
from tests.netns.namespace import Namespace
from tests.netns.sightings import longest_gap
from tests.netns.vrrp_daemon import Setup, router_status, status
from tests.sample import sample

pytestmark = pytest.mark.netns

OLD, NEW = "10.77.0.11/24", "10.77.0.21/24"
LONGEST_GAP = 0.9
"""Seconds: a client whose first packet falls into it is answered with its second, within 2 s."""
CHANGES = {
    "add, remove": (f"addr add {NEW} dev eth0", f"addr del {OLD} dev eth0"),
    "remove, add": (f"addr del {OLD} dev eth0", f"addr add {NEW} dev eth0"),
    "flush, add": ("addr flush dev eth0 scope global", f"addr add {NEW} dev eth0"),
    "renew": (
        f"addr replace {OLD} dev eth0 valid_lft 600 preferred_lft 600",
        f"addr add {NEW} dev eth0 valid_lft 600 preferred_lft 600",
        f"addr del {OLD} dev eth0",
        f"addr replace {NEW} dev eth0 valid_lft 600 preferred_lft 600",
    ),
    "the same again": (f"addr del {OLD} dev eth0", f"addr add {OLD} dev eth0"),
}


def lab_of(prefix: int, interval: float = 1.0) -> Lab:
    return Lab(Setup(interval=interval, router={"addresses": [f"{VIP}/{prefix}"]}))


def sysctl(host: Namespace, setting: str) -> None:
    host.run("sysctl", "-qw", f"net.ipv4.conf.{setting}")


def addresses_of_its_own(host: Namespace) -> list[str]:
    """The IPv4 addresses of eth0 but the VIP."""
    words = host.run("ip", "-o", "-4", "addr", "show", "dev", "eth0").split()
    found = [words[i + 1] for i, word in enumerate(words) if word == "inet"]
    return [each for each in found if not each.startswith(f"{VIP}/")]


@pytest.mark.parametrize(
    ("change", "prefix", "promote"),
    sample((pytest.param(*row) for row in product(CHANGES, (24, 32), (0, 1))), 3),
)
def test_while_the_host_has_an_address_clients_are_answered(change: str, prefix: int, promote: int) -> None:
    with lab_of(prefix, QUICK) as lab:
        a = lab.hosts["a"].namespace
        sysctl(a, f"eth0.promote_secondaries={promote}")
        lab.start()
        lab.settle()
        began = time.monotonic()
        a.ip(*CHANGES[change])
        lab.watch_for(2.5)
        assert longest_gap(lab.client.since(), began) < LONGEST_GAP + WAKES * lab.late(began)
        left = addresses_of_its_own(a)
        kept = OLD if change == "the same again" else NEW
        expected = [] if change == "add, remove" and not promote else [kept]
        assert left == expected, "the kernel's own rule about secondaries, and nothing of ours"
        lab.await_server("a" if left else "b", within=8, mark=lab.client.mark)


@pytest.mark.timing
@pytest.mark.parametrize(
    ("prefix", "loss"),
    [
        (24, ("addr del 10.77.0.11/24 dev eth0",)),
        (32, ("addr del 10.77.0.11/24 dev eth0",)),
        (24, ("addr add 10.78.0.11/24 dev eth0", "addr del 10.77.0.11/24 dev eth0")),
        (24, ("addr flush dev eth0 scope global",)),
    ],
)
def test_without_an_address_the_other_host_serves_after_the_skew(prefix: int, loss: tuple[str, ...]) -> None:
    with lab_of(prefix) as lab:
        lab.start()
        lab.settle()
        a, seen = lab.hosts["a"].namespace, lab.witness.mark
        began = time.monotonic()
        a.ip(*loss)
        taken = lab.await_sighting("added", "b", 5, seen, address=VIP)
        print(f"/{prefix}: served after {(taken.at - began) * 1e3:.0f} ms")
        assert taken.at - began <= skew(240, 1.0) + LATE + lab.grace(began)
        lab.await_removed("a", 1, seen)
        lab.await_sighting("advert", "a", 1, seen, priority=0)
        (resigned,) = [e for e in lab.witness.since(seen) if e.is_("advert", priority=0)]
        assert resigned.about["source"] == "10.77.0.11"
        router = router_status(a)
        assert router["state"] == "FAULT"
        assert "ip address add" in router["reason"]
        a.ip("addr add 10.77.0.11/24 dev eth0")
        lab.await_server("a", within=8, mark=lab.client.mark)


def _at_fault(host: Namespace) -> bool:
    try:
        code, body = status(host)
    except OSError:
        return False  # its status server is not up yet
    return code == HTTPStatus.OK and json.loads(body)["virtual_routers"][0]["state"] == "FAULT"


ORDERS: dict[str, Callable[[Lab, Namespace], None]] = {}


def order(run: Callable[[Lab, Namespace], None]) -> Callable[[Lab, Namespace], None]:
    ORDERS[run.__name__] = run
    return run


@order
def removed_and_added_while_we_serve(lab: Lab, host: Namespace) -> None:
    """The host has another subnet, too, so it is served on. A VIP of the subnet's length is primary then."""
    host.ip("addr add 10.78.0.11/24 dev eth0")
    lab.start()
    host.ip(f"addr del {OLD} dev eth0")
    lab.watch_for(0.6)
    host.ip(f"addr add {OLD} dev eth0")
    lab.watch_for(0.5)
    assert lab.hosts["a"].daemon.terminate(5)[0] == 0


@order
def the_sidecar_first_and_then_killed(lab: Lab, host: Namespace) -> None:
    host.ip("addr add 10.78.0.11/24 dev eth0", f"addr del {OLD} dev eth0")
    lab.hosts["a"].daemon.start()
    lab.watch_for(1.0)
    host.ip(f"addr add {OLD} dev eth0")
    wait_until(lambda: lab.holders() == ["a"], 8, "a holds the VIP")
    lab.hosts["a"].daemon.kill()
    wait_until(lambda: lab.holders() == [], 5, "the lease is over")


@pytest.mark.parametrize("run", list(ORDERS))
@pytest.mark.parametrize("prefix", [24, 32])
def test_the_host_keeps_its_own_address(run: str, prefix: int) -> None:
    with Lab(Setup(interval=QUICK, router={"addresses": [f"{VIP}/{prefix}"]}), hosts=1) as lab:
        host = lab.hosts["a"].namespace
        sysctl(host, "all.promote_secondaries=0")
        sysctl(host, "eth0.promote_secondaries=0")
        ORDERS[run](lab, host)
        assert set(addresses_of_its_own(host)) == {OLD, "10.78.0.11/24"}
        assert "10.77.0.0/24 dev eth0 proto kernel" in host.run("ip", "route")


def test_what_a_killed_daemon_left_is_told_with_the_command_and_that_command_is_enough() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        a = lab.hosts["a"]
        a.namespace.ip(f"addr add {VIP}/24 dev eth0")
        lab.hosts["b"].daemon.start()
        lab.await_server("b", within=8)
        a.daemon.start()
        wait_until(lambda: _at_fault(a.namespace), 5, "a is at fault")
        reason = router_status(a.namespace)["reason"]
        command = f"ip address del {VIP}/24 dev eth0"
        assert f"`{command}`" in reason
        a.namespace.run(*command.split())
        lab.await_server("a", within=8, mark=lab.client.mark)


def test_a_vip_on_loopback_is_named_and_one_setting_lets_the_host_serve() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        a = lab.hosts["a"]
        a.namespace.ip(f"addr add {VIP}/32 dev lo")
        lab.hosts["b"].daemon.start()
        lab.await_server("b", within=8)
        a.daemon.start()
        wait_until(lambda: _at_fault(a.namespace), 5, "a is at fault")
        command = "sysctl -w net.ipv4.conf.eth0.arp_ignore=1"
        assert f"`{command}`" in router_status(a.namespace)["reason"]
        a.namespace.run(*command.split())
        lab.await_server("a", within=8, mark=lab.client.mark)
        assert a.daemon.terminate(5)[0] == 0
        lab.await_server("b", within=5, mark=lab.client.mark)
        assert f"{VIP}/32" in a.namespace.run("ip", "addr", "show", "dev", "lo")
