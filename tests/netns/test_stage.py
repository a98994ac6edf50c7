"""The stage itself: each instrument sees what it must see, so that its silence means something."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.lab import Lab, wait_until
from tests.netns.lan import VIP
from tests.netns.namespace import Namespace
from tests.netns.processes import gone
from tests.netns.sightings import double_answers, longest_gap, servers
from tests.netns.vrrp_daemon import ROOT

pytestmark = pytest.mark.netns


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as made:
        yield made


def give(lab: Lab, host: str) -> None:
    lab.hosts[host].namespace.ip(f"addr add {VIP}/32 dev eth0")


def take(lab: Lab, host: str) -> None:
    lab.hosts[host].namespace.ip(f"addr del {VIP}/32 dev eth0")


def test_two_holders_are_seen_by_their_kernels_and_on_the_wire(lab: Lab) -> None:
    mark = lab.witness.mark
    give(lab, "a")
    lab.await_sighting("answered", "a", 2, mark, address=VIP)
    assert not double_answers(lab.witness.since(), VIP)
    give(lab, "b")
    lab.await_sighting("answered", "b", 2, mark, address=VIP)
    lab.watch_for(0.1)
    take(lab, "a")
    lab.await_removed("a", 2, mark)
    assert double_answers(lab.witness.since(), VIP)
    assert lab.holders() == ["b"]
    assert 0.1 < lab.overlap() < 1 + lab.grace(since=0)


def test_a_gap_is_as_long_as_nobody_answers(lab: Lab) -> None:
    give(lab, "a")
    mark, since = lab.client.mark, lab.await_server("a").at
    with lab.lan.cut_off("a"):
        lab.watch_for(0.5)
    lab.await_server("a")
    assert 0.45 < longest_gap(lab.client.since(mark), since) < 1 + lab.grace(since)
    assert servers(lab.client.since()) == ["a"]


def test_client_tells_refused_from_silent(lab: Lab) -> None:
    give(lab, "a")
    lab.await_server("a")
    nginx = lab.hosts["a"].nginx
    nginx.hang()
    lab.client.wait(lambda answer: answer.error == "TIMEOUT", 2, lab.client.mark)
    nginx.resume()
    lab.await_server("a", mark=lab.client.mark)
    nginx.kill()
    lab.client.wait(lambda answer: answer.error == "ECONNREFUSED", 2, lab.client.mark)


def test_the_witness_says_by_how_much_it_was_late_itself(lab: Lab) -> None:
    since, witness = time.monotonic(), lab.witness._process.pid
    os.kill(witness, signal.SIGSTOP)
    lab.watch_for(0.5)
    os.kill(witness, signal.SIGCONT)
    lab.witness.wait(lambda event: event.kind == "late" and event.about["by"] > 0.4, 2, what="it was late")
    assert lab.late(since) > 0.4


def test_partition_separates_the_hosts_alone(lab: Lab) -> None:
    a, b = lab.hosts["a"], lab.hosts["b"]
    a.namespace.run("ping", "-c1", "-W1", b.address)
    with lab.lan.partition():
        with pytest.raises(RuntimeError, match="ping"):
            a.namespace.run("ping", "-c1", "-W1", b.address)
        lab.lan.members["client"].run("ping", "-c1", "-W1", b.address)
    a.namespace.run("ping", "-c1", "-W1", b.address)


def test_a_host_sees_its_own_processes_alone(lab: Lab) -> None:
    seen = lab.hosts["a"].namespace.spawn(["ps", "-eo", "args"], subprocess.PIPE)
    listing, _ = seen.communicate(timeout=5)
    assert b"/a/nginx" in listing
    assert b"/b/nginx" not in listing


def _processes(namespace: Namespace) -> bytes:
    seen = namespace.spawn(["ps", "-eo", "pid,args"], subprocess.PIPE)
    return seen.communicate(timeout=5)[0]


def test_a_host_reaps_orphans_as_a_real_one_does() -> None:
    """A dead nginx or keepalived whose parent died too must not look as if it lived."""
    namespace = Namespace()
    try:
        shell = namespace.spawn(["sh", "-c", "sleep 60 & echo & wait"], subprocess.PIPE)
        assert shell.stdout is not None
        with shell.stdout as pipe:
            pipe.readline()
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
        # A process that was killed is a zombie for a moment also where the kernel reaps by itself.
        wait_until(lambda: b"defunct" not in _processes(namespace), 5, "no dead process is left")
        assert b"sleep infinity" in _processes(namespace)
    finally:
        namespace.close()


def test_nothing_survives_the_death_of_the_maker() -> None:
    code = "from tests.netns.namespace import Namespace; n = Namespace(); print(n.pid, flush=True); input()"
    maker = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with maker:
        assert maker.stdout is not None
        pid = int(maker.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        maker.kill()
    deadline = time.monotonic() + 20
    while not gone(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert gone(pid)


def test_folders_of_a_dead_maker_are_swept() -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = Path(tempfile.mkdtemp(prefix=f"vip-lab-{dead.pid}-"))
    with Lab():
        assert not left.exists()


def test_closing_a_namespace_ends_what_runs_inside() -> None:
    namespace = Namespace()
    sleeper = namespace.spawn(["sh", "-c", "echo; exec sleep 60"], subprocess.PIPE)
    assert sleeper.stdout is not None
    with sleeper.stdout as pipe:
        pipe.readline()
    namespace.close()
    assert sleeper.wait(2) == -9
