"""The virtual MAC on a LAN: clients never learn another one, and a backup never uses it."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from tests.netns.bounds import BUSY, KERNEL, LATE, WAKES, lease, master_down, skew
from tests.netns.frames_from import FramesFrom, frames_from
from tests.netns.frr import frr
from tests.netns.lab import Lab, wait_until
from tests.netns.sightings import longest_gap, servers
from tests.netns.vrrp_daemon import Daemon, Setup, metrics, router_status, sidecar
from tests.sample import rest

pytestmark = pytest.mark.netns

MACS = {4: "00:00:5e:00:01:33", 6: "00:00:5e:00:02:33"}


class Learnt:
    """Neighbour entries for the VIP in the client's kernel, in order."""

    def __init__(self, log: Path, vip: str) -> None:
        self._log = log
        self._entry = re.compile(rf"^{re.escape(vip)} dev eth0 lladdr (\S+)", re.MULTILINE)

    def macs(self) -> set[str]:
        return set(self._entry.findall(self._log.read_text(encoding="ascii")))


@contextmanager
def learnt(lab: Lab) -> Iterator[Learnt]:
    """Follow every change of the client's neighbour table."""
    with NamedTemporaryFile() as log:
        monitor = lab.lan.members["client"].spawn(["stdbuf", "-oL", "ip", "monitor", "neigh"], log.fileno())
        try:
            yield Learnt(Path(log.name), lab.setup.vip)
        finally:
            monitor.kill()
            monitor.wait()


@contextmanager
def stage(
    family: int, daemons: Mapping[str, Daemon] | None = None
) -> Iterator[tuple[Lab, Learnt, FramesFrom, FramesFrom]]:
    """A pair that uses the virtual MAC, what its client learns, and what each host sends from that MAC."""
    setup = Setup(family=family, router={"virtual_mac": True})
    lab = Lab(setup, daemons or sidecar)
    with lab, learnt(lab) as client, ExitStack() as stack:
        of_a, of_b = (stack.enter_context(frames_from(lab.lan, host, MACS[family])) for host in "ab")
        yield lab, client, of_a, of_b


def advertised(lab: Lab) -> set[str]:
    """Where the adverts of all masters came from."""
    return {e.about["mac"] for e in lab.witness.since() if e.kind == "advert" and e.about["priority"]}


def only_the_virtual_mac(lab: Lab, client: Learnt) -> bool:
    """Neither client nor switch was told of another, by whoever served."""
    return client.macs() == {MACS[lab.setup.family]} == advertised(lab)


@pytest.mark.parametrize("family", [4, rest(6)])
def test_stop_and_failback_change_nothing_that_a_client_has_learnt(family: int) -> None:
    with stage(family) as (lab, client, of_a, of_b):
        lab.start()
        a = lab.hosts["a"]
        of_b.seen()
        lab.watch_for(2)
        assert of_a.seen()
        assert not of_b.seen(), "a backup says nothing with it"

        mark, since = lab.client.mark, time.monotonic()
        assert a.daemon.terminate(5)[0] == 0
        of_a.seen()
        lab.await_server("b", mark=mark)
        assert longest_gap(lab.client.since(), since) < skew(240, 1) + LATE + lab.grace(since)
        wait_until(lambda: "vrrp" not in a.namespace.ip("link show"), 1, "its interface is gone")
        assert not of_a.seen(), "nor does who has left"

        mark, since = lab.client.mark, time.monotonic()
        a.daemon.start()
        lab.await_server("a", within=10, mark=mark)
        alone = lab.await_sole("a")
        lab.watch_for(0.1)
        of_b.seen()
        lab.watch_for(2)
        assert not of_b.seen(), "nor does who was preempted"
        # As long as both have the VIP either may answer.
        assert servers([each for each in lab.client.since(mark) if each.started > alone]) == ["a"]
        assert longest_gap(lab.client.since(mark), since) < lab.grace(since)
        assert only_the_virtual_mac(lab, client)
        assert lab.overlap() < lab.handover(since)


@pytest.mark.parametrize("family", [rest(4), 6])
def test_kill_leaves_no_vip_and_changes_nothing_that_a_client_has_learnt(family: int) -> None:
    with stage(family) as (lab, client, of_a, _):
        lab.start()
        a = lab.hosts["a"]
        mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
        a.daemon.kill()
        gone = lab.await_removed("a", lease(1) + KERNEL + BUSY, seen)
        assert gone.at - since <= lease(1) + KERNEL + WAKES * lab.late(since)
        lab.watch_for(0.05)
        of_a.seen()
        lab.await_server("b", mark=mark)
        assert longest_gap(lab.client.since(), since) < master_down(240, 1) + LATE + lab.grace(since)
        lab.watch_for(1.5)
        assert lab.overlap() == 0
        assert lab.holders() == ["b"]
        assert only_the_virtual_mac(lab, client)
        # When an IPv6 address expires, the kernel itself reports, twice, that its group is not needed.
        late = of_a.seen()
        assert all(frame[12:14] == b"\x86\xdd" and frame[20] == 0 for frame in late), late
        assert len(late) <= {4: 0, 6: 2}[family]

        a.daemon.start()
        lab.await_server("a", within=10, mark=lab.client.mark)
        lab.await_sole("a")
        assert only_the_virtual_mac(lab, client)


@pytest.mark.parametrize(
    ("ours", "family"),
    [
        pytest.param("a", 4, id="preferred-4"),
        rest("a", 6, name="preferred-6"),
        rest("b", 4, name="second-4"),
        pytest.param("b", 6, id="second-6"),
    ],
)
def test_beside_frr_in_both_roles_a_client_learns_one_mac(ours: str, family: int) -> None:
    daemons: dict[str, Daemon] = {"a": frr, "b": frr, ours: sidecar}
    with stage(family, daemons) as (lab, client, *_):
        lab.start(["a"])
        lab.hosts["b"].daemon.start()
        lab.await_listening("b")
        lab.watch_for(2)
        a = lab.hosts["a"].daemon
        # The VIP of a killed vrrpd stays for ever, so its host dies as a whole.
        die, live = (
            (a.kill, a.start) if ours == "a" else (partial(lab.power_off, "a"), partial(lab.power_on, "a"))
        )
        for leave, come in ((partial(a.terminate, 5), a.start), (die, live)):
            mark, since = lab.client.mark, time.monotonic()
            leave()
            lab.await_server("b", mark=mark)
            assert longest_gap(lab.client.since(), since) < master_down(240, 1) + LATE + lab.grace(since)
            mark = lab.client.mark
            come()
            lab.await_server("a", within=15, mark=mark)
            lab.await_sole("a", within=15)  # a vrrpd that comes up may answer before it serves
        # The host of a vrrpd that serves asks for neighbours in the VIP's name with its own MAC.
        assert client.macs() - {lab.lan.mac("b" if ours == "a" else "a")} == {MACS[family]}
        assert advertised(lab) == {MACS[family]}


def test_a_host_whose_interface_name_is_taken_says_so_and_leaves_the_vip_to_its_peer() -> None:
    with stage(4) as (lab, *_):
        a = lab.hosts["a"]
        a.namespace.ip("link add vrrp4-51 type veth peer name other")
        a.daemon.start()
        lab.hosts["b"].daemon.start()
        lab.await_server("b", within=10)
        wait_until(lambda: router_status(a.namespace)["state"] == "FAULT", 5, "a is at fault")
        router, mend = router_status(a.namespace), "`ip link delete vrrp4-51` removes it"
        why = f"interface vrrp4-51 exists and is not ours: {mend}"
        assert (router["state"], router["reason"]) == ("FAULT", why)
        told = re.search(
            r'errors_total\{component="virtual_mac",reason="taken"\} (\S+)',
            metrics(a.namespace),
        )
        assert told is not None
        assert float(told[1]) >= 1
        a.daemon.await_said("is not ours")
        a.namespace.ip("link del vrrp4-51")
        lab.await_server("a", within=10, mark=lab.client.mark)
