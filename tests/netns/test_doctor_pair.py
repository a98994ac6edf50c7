"""Mistakes of a pair that runs, made for real: found beside the sidecars, and gone when they are mended.

Modules: doctor.readers.status, doctor.readers.visits, doctor.readers.proc_net.
"""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from sidecar.telemetry.verdict import judge
from tests.netns.bounds import BUSY
from tests.netns.doctor import begin, change, end, examine, examine_all, execute, listener
from tests.netns.firewall import no_adverts_out
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.mismatches import command
from tests.netns.nodes import READ, asked, states, url, with_nodes
from tests.netns.overheard import lost_on_the_way
from tests.netns.vrrp_daemon import NGINX_CHECKS, Setup, router_status
from tests.netns.webserver import PORT

pytestmark = [pytest.mark.netns, pytest.mark.timeout(400)]

DAY = 86400.0
_RULE = f"iifname != lo tcp dport {PORT} drop"
CLOSED = f"table inet closed {{ chain in {{ type filter hook input priority 0; {_RULE}\n}}\n}}\n"
PAIR = with_nodes("a", "b")


def reasons(host: Host) -> str:
    """What `status` on a host says is wrong."""
    document = asked(host)
    return "" if document is None else "\n".join(judge(document).reasons)


def await_pair(lab: Lab) -> tuple[Host, Host]:
    a, b = lab.hosts["a"], lab.hosts["b"]
    wait_until(lambda: states(a) == {url("b"): "BACKUP"}, READ, "a shows b as a standby")
    wait_until(lambda: states(b) == {url("a"): "MASTER"}, READ, "b shows a as the master")
    return a, b


def test_adverts_that_are_lost_on_the_way_or_do_not_leave_a_host() -> None:
    with Lab(Setup(checks={}), PAIR) as lab:
        lab.start()
        a, b = await_pair(lab)
        with lost_on_the_way(lab.lan, "a"):
            wait_until(lambda: sorted(lab.holders()) == ["a", "b"], READ, "both serve")
            # By what it overhears, and not by what b tells it: doctor goes by the same.
            wait_until(lambda: "held by two hosts: this one" in reasons(a), READ, "a says that two serve")
            wait_until(lambda: states(b) == {url("a"): "MASTER"}, READ, "b shows a as a master")
            here, there = examine_all(lab, (a, b))
            assert (set(here.problems), set(there.problems)) == ({"vrrp-filtered"}, {"vrrp-filtered"})
            assert (here.code, there.code) == (2, 2)
            assert there.problems["vrrp-filtered"][0]["what"] == "no advert of a arrives at this host"
            (found,) = here.problems["vrrp-filtered"]
            assert f"{found['what']}; {found['mend']}" in reasons(a), "status says it in the same words"
        lab.await_sole("a", READ)
        await_pair(lab)
        assert [each.problems for each in examine_all(lab, (a, b))] == [{}, {}]
        with no_adverts_out(a.namespace):
            wait_until(lambda: router_status(a.namespace)["cannot_send"], READ, "a knows that it is mute")
            (examined,) = examine_all(lab, [a])
            assert (set(examined.problems), examined.code) == ({"vrrp-filtered"}, 2)
            said = router_status(a.namespace)["cannot_send"]
            assert examined.problems["vrrp-filtered"][0]["evidence"] == said
            assert said in reasons(a)
            execute(a, examined.mend("vrrp-filtered"))
            wait_until(lambda: not router_status(a.namespace)["cannot_send"], READ, "a is heard again")
            lab.await_sole("a", READ)
            await_pair(lab)
            assert [each.problems for each in examine_all(lab, (a, b))] == [{}, {}]


def test_mistakes_of_the_host_that_serves(tmp_path: Path) -> None:
    """Two cards in one LAN, a server bound to the VIP, a port that is closed, and who removes the VIP."""
    with Lab(Setup(checks=NGINX_CHECKS), PAIR) as lab:
        lab.start()
        a, b = await_pair(lab)
        vip, twin = lab.setup.vip, "02:00:00:77:01:0b"
        for _ in range(2):
            seen = lab.witness.mark
            a.namespace.ip(f"address del {vip}/32 dev eth0")
            lab.await_sighting("added", "a", BUSY, seen, address=vip)
        lab.lan.switch.ip(
            f"link add p-a1 type veth peer name eth1 address {twin} netns {a.namespace.pid}",
            "link set p-a1 master br0 up",
        )
        a.namespace.ip("address add 10.77.0.21/24 dev eth1", "link set eth1 up")
        with listener(a.namespace, vip, 8090):
            a.namespace.run("nft", "-f", "-", stdin=CLOSED)
            here, there = examine_all(lab, (a, b))
            assert set(here.problems) == {"leftovers", "not-listening", "surroundings"}
            assert set(there.problems) == {"vip-answered", "visitors"}
            # The host that is examined is no other machine, and what the other one sees is this.
            (found,) = there.problems["vip-answered"]
            assert found["what"] == f"another machine answers for {vip}: {twin}"
            wait_until(lambda: found["what"] in reasons(b), READ, "status says it in the same words")
            assert there.problems["visitors"][0]["evidence"].startswith("asked over the network")
            (removed,) = here.problems["surroundings"]
            assert removed["evidence"].startswith("2 times within a day, the last time ")
            with pytest.raises(OSError, match="assign"), listener(b.namespace, vip, 8090):
                pass
            execute(a, here.mend("leftovers"))
            for host in (a, b):
                execute(host, here.mend("not-listening"))
            with listener(b.namespace, vip, 8090):
                pass
            a.namespace.run("nft", "delete", "table", "inet", "closed")
            here, there = examine_all(lab, (a, b))
            assert set(here.problems) == {"surroundings"}
            assert (there.problems, there.code) == ({}, 0)
            # Nobody removes it any more: a day later nothing is said of it.
            ahead = tmp_path / "ahead"
            ahead.write_text(f"{DAY + 60}", encoding="ascii")
            later = end(begin(a, program=("tests.netns.shifted_clock", str(ahead))))
            assert (later.problems, later.code) == ({}, 0)


def test_hosts_that_differ_and_a_file_that_was_not_applied() -> None:
    other: dict[str, Any] = {"addresses": ["10.77.0.100/32", "10.77.0.101/32"], "priority": 250}
    with Lab(Setup(checks={}), {"a": PAIR, "b": with_nodes("a", "b", **other)}) as lab:
        lab.start()
        a, b = await_pair(lab)
        wait_until(lambda: len(router_status(b.namespace)["mismatches"]) == 1, READ, "b hears other VIPs")
        wait_until(lambda: "differs from this one" in reasons(a), READ, "a has read b's configuration")
        here, there = examine_all(
            lab,
            (a, b),
            told=lambda both: [len(each.problems.get("disagreement", ())) for each in both] == [1, 2],
        )
        assert set(here.problems) == set(there.problems) == {"disagreement", "priorities"}
        (drift,) = here.problems["disagreement"]
        assert drift["what"].startswith(f"the configuration of b ({url('b')}) differs from this one")
        followed, same_drift = there.problems["disagreement"]
        assert followed["what"].startswith(f"{a.address} differs: it advertises {lab.setup.vip}, we")
        assert followed["what"].removeprefix(f"{a.address} differs: ") in reasons(b)
        assert f"{same_drift['what']}: {same_drift['mend']}" in reasons(b), "status says it in the same words"
        assert here.problems["priorities"][0]["what"] == f"{url('b')} has the same priority, 250"
        assert there.problems["priorities"][0]["what"] == f"{a.address} has the same priority, 250"
        # Written, and not applied.
        name, _, value = there.mend("priorities").split()[0].partition("=")
        assert name == "PRIORITY"
        change(b, {"addresses": ["10.77.0.100/32"], "priority": int(value)})
        (examined,) = examine_all(lab, [b])
        unapplied = examined.problems["disagreement"][-1]
        assert unapplied["what"] == "the running sidecar has another configuration than the file"
        program, *words = unapplied["mend"].split()
        assert program == "vip-sidecar"
        code, said = command(b, *words)
        assert code == 0, said
        wait_until(lambda: not router_status(b.namespace)["mismatches"], READ, "b hears its own VIPs")
        wait_until(lambda: "differs from this one" not in reasons(a) + reasons(b), READ, "both have read it")
        assert [each.problems for each in examine_all(lab, (a, b))] == [{}, {}]


@pytest.mark.timing
def test_an_examination_beside_programs_that_want_every_processor_takes_less_than_15_s() -> None:
    with Lab(Setup(checks=NGINX_CHECKS), PAIR) as lab:
        lab.start()
        a, _ = await_pair(lab)
        busy = ["sh", "-c", "while :; do :; done"]
        eager = [a.namespace.spawn(busy, subprocess.DEVNULL) for _ in range(os.cpu_count() or 1)]
        try:
            began = time.monotonic()
            examined = examine(a)
        finally:
            for each in eager:
                each.kill()
        print(f"{examined.document['seconds']} s, with its start {time.monotonic() - began:.1f} s")
        assert examined.document["seconds"] < 15 + lab.grace(began)
        assert "other-speaker" not in examined.problems
