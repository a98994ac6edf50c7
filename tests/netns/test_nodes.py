"""The hosts of a pair read each other's status, and say what is wrong with the pair."""

from functools import partial

import pytest

from sidecar.observer.node_watch import EVERY
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.nodes import READ, asked, nodes, says, states, url, with_nodes
from tests.netns.vrrp_daemon import Setup

pytestmark = pytest.mark.netns

PAIR = with_nodes("a", "b")
_NO_HTTP = """
table ip closed {
    chain in { type filter hook input priority 0; ip saddr 10.77.0.11 tcp dport 9650 drop; }
}
"""


def test_each_host_shows_the_other_one_and_leaves_itself_out() -> None:
    with Lab(Setup(checks={}), PAIR) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        wait_until(lambda: states(a) == {url("b"): "BACKUP"}, READ, "a shows b as a standby")
        wait_until(lambda: states(b) == {url("a"): "MASTER"}, READ, "b shows a as the master")
        (shown,) = nodes(b)
        assert (shown["node"], shown["same_config"]) == ("a", True)
        assert shown["virtual_routers"][0]["owned"] == [lab.setup.vip]
        for host in (a, b):
            wait_until(partial(says, host, 0), READ, f"all is well on {host.name}")
        lab.hosts["b"].daemon.hang()
        wait_until(lambda: states(a) == {url("b"): "no answer within 2 s"}, READ, "a says that b hangs")
        said = f"b ({url('b')}) has not told its status for "
        wait_until(partial(says, a, 1, said), 30 + READ, "a degrades when b is silent for 30 s")
        lab.hosts["b"].daemon.resume()
        wait_until(partial(says, a, 0), READ, "all is well when b answers again")


def answered_mac(host: Host) -> str | None:
    document = asked(host)
    return None if document is None else document["virtual_routers"][0]["mac"]


def test_a_host_whose_status_cannot_be_read_is_told_of_by_what_is_heard_of_it() -> None:
    with Lab(Setup(checks={}), PAIR) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        wait_until(lambda: states(a) == {url("b"): "BACKUP"}, READ, "a shows b as a standby")
        mac = lab.lan.mac("b")
        wait_until(lambda: answered_mac(b) == mac, READ, "b tells its MAC address")
        lab.watch_for(2 * EVERY)
        b.namespace.run("nft", "-f", "-", stdin=_NO_HTTP)
        said = f"its VRRP or ARP is still heard ({mac}): see what drops TCP to that port"
        wait_until(partial(says, a, 1, said), 30 + READ, "a says that b is there")
        b.daemon.hang()
        said = f"nothing heard of it ({mac}) since "
        wait_until(partial(says, a, 1, said), 30 + READ, "a says that b is silent")
        b.daemon.resume()


def test_adverts_that_are_filtered_in_one_direction_are_a_fault_on_both_hosts() -> None:
    """Until now the host that heard nothing said ok."""
    with Lab(Setup(checks={}), PAIR) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        with lab.lan.deaf("b", "a"):
            wait_until(lambda: sorted(lab.holders()) == ["a", "b"], READ, "both hold the VIP")
            for host, other in ((a, "b"), (b, "a")):
                said = f"{lab.setup.vip} is held by two hosts: this host and {other} ({url(other)}), for "
                wait_until(partial(says, host, 2, said), READ, f"{host.name} names {other}")
        lab.await_sole("a", READ)
        for host in (a, b):
            wait_until(partial(says, host, 0), READ, f"all is well on {host.name}")


def test_configurations_that_differ_and_vrids_that_differ_are_named() -> None:
    daemons = {"a": PAIR, "b": with_nodes("a", "b", vrid=52)}
    with Lab(Setup(checks={}), daemons) as lab:
        for host in lab.hosts.values():
            host.daemon.start()
        wait_until(lambda: sorted(lab.holders()) == ["a", "b"], READ, "both hold the VIP")
        for host, vrids in ((lab.hosts["a"], "this host has 51, b"), (lab.hosts["b"], "this host has 52, a")):
            both = f"give both the same VRID ({vrids} ("
            wait_until(partial(says, host, 2, both), READ, f"{host.name} says that both serve")
            drift = "differs from this one in what all hosts must have in common"
            wait_until(partial(says, host, 2, drift), READ, f"{host.name} names the difference")
