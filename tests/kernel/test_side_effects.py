"""The addresses and routes of a host with VIPs are those of a host without, whatever happens in which order.

Random sequences of what administrators and DHCP clients do, mixed with ours, on two kernels' worth of
network: one has a router of ours, the other has not. After each step both must have the same.
"""

from dataclasses import replace
from ipaddress import ip_interface
from itertools import product
from random import Random

import pytest

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Vip
from tests.kernel.desk import NEVER, ROUTER, Desk, desk
from tests.kernel.own_namespace import inside, ip, set_ipv4
from tests.netns.namespace import Namespace

pytestmark = pytest.mark.netns

STEPS = 25
VIP_ADDRESS = "10.77.0.100"
ADDRESSES = ("10.77.0.11/24", "10.77.0.21/24", "10.77.0.101/32", "10.77.0.12/25", "10.78.0.11/24")
ROUTES = ("10.9.0.0/24 dev v0", "10.10.0.0/24 via 10.79.0.1", "default via 10.79.0.1")
STAYS = "10.79.0.11/24"
"""When the last address of an interface goes, the kernel drops the routes over it: a VIP delays that."""


def setup(host: Namespace) -> None:
    """Give another host what the one of the test has."""
    host.ip(
        "link add v0 type veth peer name v1",
        "link set v0 up",
        "link set v1 up",
        "address add 10.77.0.11/24 dev v0",
    )


def shown(host: Namespace | None, *words: str) -> list[str]:
    """The output of `ip` on this host or another, without VIP, index and lifetime."""
    text = ip(" ".join(words)) if host is None else host.run("ip", *words)
    lines = (line.split("valid_lft")[0] for line in text.splitlines())
    return sorted(line.partition(": ")[2] or line for line in lines if VIP_ADDRESS + " " not in line + " ")


def picture(host: Namespace | None) -> tuple[list[str], list[str]]:
    addresses = shown(host, "-o", "-4", "address", "show", "dev", "v0")
    return [a for a in addresses if f"{VIP_ADDRESS}/" not in a], shown(
        host, "-4", "route", "show", "table", "all"
    )


def commands(rng: Random, present: set[str]) -> list[str]:
    """Commands on a host: one, or two in one go."""
    match rng.randrange(4):
        case 0:
            return [f"route replace {rng.choice(ROUTES)}"]
        case 1 if len(present) > 1:
            gone = rng.choice(sorted(present))
            return [f"address del {gone} dev v0", f"address add {gone} dev v0"]
        case _:
            chosen = rng.choice(ADDRESSES)
            return [f"address {'del' if chosen in present else 'add'} {chosen} dev v0"]


def present(host: Namespace) -> set[str]:
    words = host.run("ip", "-o", "-4", "address", "show", "dev", "v0").split()
    return {words[i + 1] for i, word in enumerate(words) if word == "inet"} & set(ADDRESSES)


def ours(d: Desk, rng: Random, vip: Vip) -> None:
    """Take, renew or leave the VIP."""
    if rng.random() < 0.6:
        assert d.hold(HoldVips("web", "v0", (vip,), 30, NEVER)).error is None
    else:
        assert d.drop(DropVips("web", "v0", (vip,))).error is None


@pytest.mark.parametrize(("length", "promote", "seed"), list(product((24, 25, 32), (0, 1), range(4))))
def test_addresses_and_routes_are_those_of_a_host_without_vips(length: int, promote: int, seed: int) -> None:
    rng = Random(1000 * length + 10 * seed + promote)  # noqa: S311 - repeatable, and no secret
    vip: Vip = ip_interface(f"{VIP_ADDRESS}/{length}")

    def work() -> None:
        control = Namespace()
        try:
            setup(control)
            set_ipv4("promote_secondaries", promote, "v0")
            control.run("sysctl", "-qw", f"net.ipv4.conf.v0.promote_secondaries={promote}")
            ip(f"address add {STAYS} dev v0")
            control.ip(f"address add {STAYS} dev v0")
            with desk(replace(ROUTER, addresses=(vip,))) as d:
                history: list[str] = []
                for _ in range(STEPS):
                    ours(d, rng, vip)
                    for command in commands(rng, present(control)):
                        history.append(command)
                        ip(command)
                        control.ip(command)
                    assert picture(None) == picture(control), history
                assert d.drop(DropVips("web", "v0", (vip,))).error is None
                assert picture(None) == picture(control), history
        finally:
            control.close()

    inside(work)
