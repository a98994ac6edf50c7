"""A host whose advertisements do not get out: it serves while nobody else does, and takes from nobody."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.netns.bounds import BUSY, HANDOVER, LATE, QUICK, master_down
from tests.netns.firewall import no_adverts_out
from tests.netns.lab import PATIENT, Host, Lab, wait_until
from tests.netns.lan import VIP, address
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import Setup, metrics, router_status, sidecar, status
from tests.sample import rest

pytestmark = pytest.mark.netns

MENDING = "ip protocol 112 accept"


def failed(lab: Lab, mark: int) -> tuple[int, int]:
    """Requests since a mark that nobody answered, and all of them."""
    answers = lab.client.since(mark)
    return sum(1 for answer in answers if not answer.who), len(answers)


def moves(lab: Lab, since: float) -> list[str]:
    """Every host that took the VIP after a moment, in order."""
    return [hold.host for hold in lab.holds() if hold.start > since]


def transitions(host: Host, to: str) -> int:
    """How often the sidecar of a host went into a state, by its metrics."""
    name = "vipsidecar_vrrp_transitions_total{"
    moved = [line for line in metrics(host.namespace).splitlines() if line.startswith(name)]
    assert any('to_state="BACKUP"' in line for line in moved), "it has begun"
    return sum(int(float(line.split()[-1])) for line in moved if f'to_state="{to}"' in line)


def says_how_to_mend(host: Host) -> bool:
    """Whether a host that may still be starting says that it cannot send, and what mends it."""
    try:
        code, body = status(host.namespace)
    except OSError:
        return False
    return code == 200 and MENDING in body


def cannot_send(host: Host) -> str:
    """The status of a host about being heard, "" if it is."""
    return router_status(host.namespace)["cannot_send"] or ""


# A request that is under way when the VIP moves may be lost: on a starved machine one is under way for long.
@pytest.mark.timing
@pytest.mark.parametrize("hook", ["output", rest("postrouting")])
def test_a_master_that_cannot_send_loses_no_request_and_is_back_when_it_can(hook: str) -> None:
    with Lab(patience=PATIENT) as lab:
        lab.start()
        lab.settle()
        a, mark, since = lab.hosts["a"], lab.client.mark, time.monotonic()
        with no_adverts_out(a.namespace, hook):
            lab.await_server("b", mark=mark)
            lab.watch_for(12)
            lost, all_requests = failed(lab, mark)
            overlap = lab.overlap(since)
            print(
                f"{hook}: {lost} of {all_requests} requests failed, two held the VIP {overlap * 1e3:.1f} ms"
            )
            assert lost == 0
            assert all_requests >= 600
            assert lab.holders() == ["b"]
            assert transitions(a, "FAULT") == 0
            if hook == "output":
                assert moves(lab, since) == ["b"]
                said = cannot_send(a)
                assert "Operation not permitted" in said
                assert MENDING in said
            assert overlap < HANDOVER * len(moves(lab, since))
        mark = lab.client.mark
        lab.await_server("a", within=15, mark=mark)
        lab.await_sole("a")
        wait_until(lambda: not cannot_send(a), 2, "it knows that it is heard")
        assert failed(lab, mark)[0] == 0


def test_a_host_that_never_could_send_takes_from_nobody_and_serves_when_the_master_dies() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        a, b = lab.hosts["a"], lab.hosts["b"]
        b.daemon.start()
        lab.await_server("b", within=10)
        since = time.monotonic()
        with no_adverts_out(a.namespace):
            a.daemon.start()
            wait_until(lambda: says_how_to_mend(a), 10, "it says that it cannot send, and what mends it")
            lab.watch_for(10 * QUICK)
            assert moves(lab, since) == []
            assert router_status(a.namespace)["state"] == "BACKUP"
            mark = lab.client.mark
            lab.power_off("b")
            lab.await_server("a", within=4 * QUICK + LATE + BUSY, mark=mark)
            assert cannot_send(a)
            lab.watch_for(10 * QUICK)
            assert lab.holders() == ["a"]
            assert transitions(a, "FAULT") == 0
        wait_until(lambda: not cannot_send(a), 3 * QUICK + BUSY, "its advertisements get out again")
        assert lab.holders() == ["a"]


def test_a_backup_that_cannot_send_serves_until_it_hears_a_master_again() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        b, mark = lab.hosts["b"], lab.client.mark
        with no_adverts_out(b.namespace):
            lab.power_off("a")
            lab.await_server("b", within=master_down(240, QUICK) + LATE + BUSY, mark=mark)
            wait_until(lambda: bool(cannot_send(b)), 3 * QUICK + BUSY, "b knows")
            lab.power_on("a")
            lab.await_server("a", within=10, mark=lab.client.mark)
            lab.await_sole("a")
            lab.watch_for(10 * QUICK)
            assert lab.holders() == ["a"]


def test_two_hosts_that_cannot_send_both_serve_as_in_a_partition_and_one_is_left() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        with no_adverts_out(lab.hosts["a"].namespace), no_adverts_out(lab.hosts["b"].namespace):
            wait_until(lambda: sorted(lab.holders()) == ["a", "b"], 5, "both serve")
            lab.watch_for(3 * QUICK)
        lab.await_sole("a", 10)
        lab.watch_for(10 * QUICK)
        assert lab.holders() == ["a"]


def three_unicast(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
    """A sidecar with two unicast peers."""
    peers = [address(name) for name in "abc" if name != host]
    unicast: dict[str, Any] = {"unicast": {"source": address(host), "peers": peers}}
    return sidecar(namespace, host, priority, folder, Setup(interval=setup.interval, router=unicast))


def test_a_master_that_reaches_one_unicast_peer_of_two_is_heard() -> None:
    with Lab(Setup(interval=QUICK, unicast=True), daemon=three_unicast, hosts=3) as lab:
        for host in lab.hosts.values():
            host.daemon.start()
        lab.await_server("a", within=10)
        lab.await_sole("a", 5)
        lab.watch_for(4 * QUICK)
        a, since = lab.hosts["a"], time.monotonic()
        with no_adverts_out(a.namespace, also=f"ip daddr {address('c')}"):
            # c hears nobody and serves; it is heard, and yields to whoever is better.
            lab.watch_for(10 * QUICK)
            assert "a" in lab.holders()
            assert not cannot_send(a)
            assert "b" not in moves(lab, since)
        with no_adverts_out(a.namespace):
            lab.await_server("b", within=5, mark=lab.client.mark)
            lab.await_sole("b", 2)
            lab.watch_for(10 * QUICK)
            assert lab.holders() == ["b"]
            assert cannot_send(a)
        lab.await_server("a", within=15, mark=lab.client.mark)
        lab.await_sole("a", 2)


def test_a_full_queue_now_and_then_is_no_muteness() -> None:
    """IPv6 tells of packets that an egress hook drops (ENOBUFS): here one of three."""
    with Lab(Setup(interval=QUICK, family=6)) as lab:
        lab.start()
        a, since = lab.hosts["a"], time.monotonic()
        with no_adverts_out(a.namespace, "egress", also="numgen inc mod 3 0"):
            lab.watch_for(20 * QUICK)
        assert moves(lab, since) == []
        assert not cannot_send(a)
        assert VIP not in lab.holders()
