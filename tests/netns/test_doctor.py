"""Mistakes made for real, found by a process with CapEff 0x3000, and gone when its line was executed.

Modules: doctor.gather, doctor.readers.air, doctor.readers.capture, doctor.readers.firewall,
doctor.readers.kernel, cli.doctor.
"""

import pytest

from tests.netns.doctor import INCAPABLE, adverts, begin, end, examine, execute, listener
from tests.netns.lab import Lab, wait_until
from tests.netns.lan import address
from tests.netns.nodes import READ, states, url, with_nodes
from tests.netns.vrrp_daemon import NGINX_CHECKS, Setup

pytestmark = pytest.mark.netns

LOOPBACK = {"port": {"tcp": "127.0.0.1:8090", "every": "1s", "timeout": "500ms"}}
"""A check of a server that listens on loopback alone."""
CHAIN = "chain in {\ntype filter hook input priority 0;\n%s\n}\n"
WALL = "table inet wall {\n" + CHAIN % "ip protocol 112 drop" + "}\n"
KEEPALIVED = "table ip keepalived {\n" + CHAIN % "ip daddr 192.0.2.1 drop" + "}\n"


def test_a_healthy_pair_has_nothing_and_other_speakers_are_found_beside_it() -> None:
    with Lab(Setup(checks=NGINX_CHECKS), with_nodes("a", "b")) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        wait_until(lambda: states(a) == {url("b"): "BACKUP"}, READ, "a shows b as a standby")
        wait_until(lambda: states(b) == {url("a"): "MASTER"}, READ, "b shows a as the master")
        both = [begin(host) for host in (a, b)]
        for examined in map(end, both):
            assert (examined.problems, examined.unseen) == ({}, {})
            assert examined.code == 0
            assert examined.document["seconds"] < 15 + lab.grace(0)
        client = lab.lan.members["client"]
        with (
            adverts(b.namespace, b.address, lab.setup.vip),
            adverts(client, address("client"), "10.77.0.200", vrid=51),
        ):
            examined = examine(b)
        assert set(examined.problems) == {"other-speaker", "vrid-shared"}
        assert examined.code == 2
        speaks, sockets = examined.problems["other-speaker"]
        assert "from 10.77.0.12 with VRID 51, priority 100" in speaks["evidence"]
        assert speaks["mend"] == sockets["mend"] == "systemctl disable --now keepalived"
        assert examined.mend("vrid-shared").startswith("vrid: 52   #")
        assert lab.holders() == ["a"]
        examined = examine(b)
        assert (examined.problems, examined.code) == ({}, 0)


def test_before_the_first_start_mistakes_of_a_host_are_found_and_their_lines_mend_them() -> None:
    with Lab(Setup(checks=LOOPBACK)) as lab:
        a, b = lab.hosts["a"], lab.hosts["b"]
        with listener(a.namespace, "127.0.0.1", 8090):
            lab.start(["a"])
            gateway = lab.lan.members["gateway"]
            for rules in (WALL, KEEPALIVED):
                b.namespace.run("nft", "-f", "-", stdin=rules)
            b.namespace.ip(f"address add {lab.setup.vip}/24 dev eth0")
            b.namespace.run("sysctl", "-qw", "net.ipv4.conf.eth0.arp_ignore=8")
            gateway.ip(f"address add {lab.setup.vip}/32 dev eth0")
            with listener(b.namespace, "127.0.0.1", 8090):
                examined = examine(b, "--pre")
            assert set(examined.problems) == {
                "vrrp-filtered",
                "vip-on-host",
                "vip-answered",
                "not-listening",
                "leftovers",
            }
            assert examined.code == 2
            assert f"answers for {lab.setup.vip}: {lab.lan.mac('gateway')}" in str(
                examined.problems["vip-answered"]
            )
            # Without any capability less is seen: what it needs is said.
            with listener(b.namespace, "127.0.0.1", 8090):
                blind = end(begin(b, "--pre", privileges=INCAPABLE), granted=0)
            assert (set(blind.problems), blind.code) == ({"vip-on-host", "not-listening", "leftovers"}, 2)
            assert [each["what"] for each in blind.problems["leftovers"]] == ["eth0 answers no ARP"]
            for check in ("vrrp-filtered", "vip-on-host"):
                execute(b, examined.mend(check))
            for problem in examined.problems["leftovers"]:
                execute(b, problem["mend"])
            gateway.ip(f"address del {lab.setup.vip}/32 dev eth0")
            with listener(b.namespace, "0.0.0.0", 8090):
                examined = examine(b, "--pre")
            assert (examined.problems, examined.code) == ({}, 0)
            assert set(examined.unseen) == {"visitors"}
            blind = end(begin(b, "--pre", privileges=INCAPABLE), granted=0)
            assert (blind.problems, blind.code) == ({}, 0)
            assert "it needs the capability NET_RAW" in str(blind.unseen["vrrp-filtered"])
            assert "it needs the capability NET_ADMIN" in str(blind.unseen["leftovers"])
            assert "vip-on-host" not in blind.unseen


def test_ipv6_before_the_first_start() -> None:
    with Lab(Setup(checks={}, family=6)) as lab:
        b, gateway = lab.hosts["b"], lab.lan.members["gateway"]
        lab.start(["a"])
        b.namespace.run(
            "nft", "-f", "-", stdin="table ip6 wall {\n" + CHAIN % "meta l4proto 112 drop" + "}\n"
        )
        gateway.ip(f"address add {lab.setup.vip}/128 dev eth0 nodad")
        examined = examine(b, "--pre")
        assert set(examined.problems) == {"vrrp-filtered", "vip-answered"}
        assert lab.lan.mac("gateway") in examined.problems["vip-answered"][0]["what"]
        execute(b, examined.mend("vrrp-filtered"))
        gateway.ip(f"address del {lab.setup.vip}/128 dev eth0")
        examined = examine(b, "--pre")
        assert (examined.problems, examined.code) == ({}, 0)
