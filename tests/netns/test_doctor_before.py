"""Mistakes of hosts that are about to join, made for real: found by `doctor --pre`, and gone when mended.

Three hosts are examined at the same time, each with a mistake of its own, beside a master that runs.
Modules: doctor.readers.firewall, doctor.readers.machine, doctor.readers.settings.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from tests.netns.doctor import INCAPABLE, Examined, begin, change, end, examine_all, execute, write
from tests.netns.keepalived import command
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.lan import address
from tests.netns.service import Service
from tests.netns.vrrp_daemon import Setup

pytestmark = [pytest.mark.netns, pytest.mark.timeout(400)]

WEIGHTED = {"port": {"tcp": "127.0.0.1:8088", "weight": -40}}
"""A check whose weight moves the VIP from priority 250 to each of the others."""
ROOTLESS = ("unshare", "--user", "--map-root-user")
_SHOWN = """\
mount -t tmpfs none /sys/class
mkdir -p /sys/class/dmi/id /sys/class/net/eth0/wireless
echo "Amazon EC2" >/sys/class/dmi/id/sys_vendor
exec "$@"
"""
FIRMWARE = ("unshare", "--mount", "sh", "-ec", _SHOWN, "sh")
"""Runs a program that sees files as a virtual machine of a cloud, or a computer with Wi-Fi, shows them."""
STRICT = """\
global_defs {
  vrrp_strict
}
vrrp_instance old {
  interface eth0
  version 3
  virtual_router_id 77
  priority 100
  advert_int 1
  virtual_ipaddress {
    10.77.0.201
  }
}
"""


@contextmanager
def joining(**setup: object) -> Iterator[tuple[Lab, list[Host]]]:
    """Host a serves; b, c and d are about to join it."""
    with Lab(Setup(**{"checks": {}, **setup}), hosts=4) as lab:  # type: ignore[arg-type]
        lab.start(["a"])
        yield lab, [lab.hosts[name] for name in "bcd"]


def each_of(
    lab: Lab, hosts: Sequence[Host], prefix: Mapping[str, Sequence[str]] | None = None
) -> list[Examined]:
    """Examine all of them before their first start."""
    return examine_all(lab, hosts, "--pre", prefix=prefix)


def blind(host: Host, *prefix: str) -> Examined:
    """Examine a host without any capability."""
    return end(begin(host, "--pre", privileges=(*prefix, *INCAPABLE)), granted=0)


def found(examined: list[Examined]) -> list[set[str]]:
    return [set(each.problems) for each in examined]


def test_firewalls_of_several_kinds_get_the_line_that_opens_each() -> None:
    """iptables, a hook of the interface, and a policy without any rule about VRRP."""
    with joining() as (lab, hosts):
        b, c, d = hosts
        b.namespace.run("iptables-nft", "-A", "INPUT", "-p", "112", "-j", "DROP")
        ingress = "type filter hook ingress device eth0 priority 0; ip protocol 112 drop"
        c.namespace.run("nft", "-f", "-", stdin=f"table netdev early {{ chain in {{ {ingress}\n}}\n}}\n")
        policy = "type filter hook input priority 0; policy drop; meta l4proto { tcp, icmp } accept"
        d.namespace.run("nft", "-f", "-", stdin=f"table inet wall {{ chain in {{ {policy}\n}}\n}}\n")
        examined = each_of(lab, hosts)
        assert found(examined) == [{"vrrp-filtered"}] * 3
        for host, each in zip(hosts, examined, strict=True):
            execute(host, each.mend("vrrp-filtered"))
        assert found(each_of(lab, hosts)) == [set()] * 3


def test_what_is_written_wrong_is_found_and_the_line_to_write_mends_it() -> None:
    with joining(checks=WEIGHTED) as (lab, hosts):
        b, c, d = hosts
        change(b, {"weight": -5}, "port")
        change(c, {"version": 2})
        change(d, {"addresses": ["10.77.0.200/32"]})
        examined = each_of(lab, hosts)
        assert found(examined) == [{"priorities"}, {"disagreement"}, {"vrid-shared"}]
        assert [each.code for each in examined] == [1, 2, 1]
        write(b, examined[0].mend("priorities"), "port")
        write(c, re.findall(r"`(version: \d)` here", examined[1].mend("disagreement"))[0])
        write(d, examined[2].mend("vrid-shared"))
        assert found(each_of(lab, hosts)) == [set()] * 3
        change(b, {"interface": "eth7"})
        change(c, {"unicast": {"source": c.address, "peers": [address("a")]}})
        change(d, {"addresses": ["192.0.2.100/32"]})
        examined = each_of(lab, hosts)
        assert found(examined) == [{"network"}, {"disagreement"}, {"network"}]
        assert set(blind(d).problems) == {"network"}
        write(b, examined[0].mend("network"))
        assert examined[1].mend("disagreement").endswith("or remove `unicast` here")
        change(c, {"unicast": None})
        (free,) = re.findall(r"a free address of (10\.77\.0)\.0/24", examined[2].mend("network"))
        change(d, {"addresses": [f"{free}.200/32"]})
        assert found(each_of(lab, hosts)) == [set()] * 3


def test_a_host_with_another_network_a_rootless_container_and_a_platform_that_moves_no_address() -> None:
    with joining() as (lab, hosts):
        b, _, d = hosts
        # The VIP is in the network of b, and the master is not: its prefix is too long.
        b.namespace.ip(f"address del {b.address}/24 dev eth0", "address add 10.77.0.70/26 dev eth0")
        examined = each_of(lab, hosts, {"c": ROOTLESS, "d": FIRMWARE})
        assert found(examined) == [{"network"}, {"platform"}, {"platform"}]
        # With a route that leads nowhere back the kernel drops its adverts, too, and no packet filter does.
        b.namespace.run("sysctl", "-qw", "net.ipv4.conf.eth0.rp_filter=1")
        (strict,) = each_of(lab, [b])
        assert set(strict.problems) == {"network", "vrrp-filtered"}
        assert strict.mend("vrrp-filtered").startswith("give eth0 the prefix length of the LAN")
        assert examined[0].problems["network"][0]["what"].startswith(f"the other host, {address('a')}, is in")
        assert "rootless" in examined[1].problems["platform"][0]["what"]
        assert {"vrrp-filtered", "leftovers"} <= set(examined[1].unseen)
        assert [each["what"] for each in examined[2].problems["platform"]] == ["eth0 is Wi-Fi"]
        b.namespace.ip("address del 10.77.0.70/26 dev eth0", "address add 10.77.0.70/24 dev eth0")
        # In the network of the card, and not in one inside of the machine, a cloud is told, too.
        d.namespace.ip(
            f"address del {d.address}/24 dev eth0",
            "link add card0 link eth0 type macvlan mode bridge",
            f"address add {d.address}/24 dev card0",
            "link set card0 up",
        )
        change(d, {"interface": "card0"})
        examined = each_of(lab, hosts, {"d": FIRMWARE})
        assert found(examined) == [set(), set(), {"platform"}]
        what = [each["what"] for each in examined[2].problems["platform"]]
        assert what == ["this is a virtual machine of Amazon EC2"]
        assert set(blind(d, *FIRMWARE).problems) == {"platform"}
        assert found(each_of(lab, [d])) == [set()]
        assert lab.holders() == ["a"]


def test_a_keepalived_that_still_runs_and_what_it_leaves_when_it_is_killed() -> None:
    with Lab(Setup(checks={})) as lab:
        lab.start(["a"])
        b = lab.hosts["b"]
        folder = b.daemon.log.parent
        (folder / "keepalived.conf").write_text(STRICT, encoding="ascii")
        old = Service(b.namespace, command(folder), folder / "keepalived.log")
        old.start()
        try:
            wait_until(lambda: "10.77.0.201" in b.namespace.ip("address show"), 10, "keepalived serves")
            (examined,) = each_of(lab, [b])
            assert set(examined.problems) == {"other-speaker"}
            (running,) = examined.problems["other-speaker"]
            # It has more capabilities than the doctor, so the kernel tells its sockets and not their owner.
            assert running["what"] == "another program has VRRP sockets on this host"
            assert running["mend"] == "systemctl disable --now keepalived"
        finally:
            old.kill()
        (examined,) = each_of(lab, [b])
        assert set(examined.problems) == {"leftovers"}
        for left in examined.problems["leftovers"]:
            execute(b, left["mend"])
        assert found(each_of(lab, [b])) == [set()]


def test_ipv6_that_is_switched_off() -> None:
    with Lab(Setup(checks={}, family=6)) as lab:
        lab.start(["a"])
        b = lab.hosts["b"]
        b.namespace.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1")
        (examined,) = each_of(lab, [b])
        assert set(examined.problems) == {"leftovers"}
        execute(b, examined.mend("leftovers"))
        assert found(each_of(lab, [b])) == [set()]
