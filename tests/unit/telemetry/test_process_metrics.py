"""What the two processes use, compared with what the kernel says of real ones."""

import os
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from sidecar.privileges import Privileges
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.process_metrics import PROCESS_METRICS, Usage, usage
from sidecar.telemetry.processes import ObserverFacts, Processes, RouterFacts
from sidecar.telemetry.status_store import StatusStore

NOBODY = 65534


def used(pid: int) -> Usage:
    found = usage(pid)
    assert found is not None
    return found


@contextmanager
def running() -> Iterator[subprocess.Popen[bytes]]:
    """A program that has begun its work: while it loads it opens files."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"it runs\n")
        process.stdin.flush()
        process.stdout.readline()
        yield process


def test_memory_limits_and_start_are_those_of_the_process() -> None:
    before = time.time()
    with running() as process:
        now = used(process.pid)
        assert 0 < now.resident < now.virtual
        assert before - 2 <= now.started <= time.time() + 2  # the kernel's boot time is in whole seconds
    assert used(os.getpid()).max_fds == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert used(os.getpid()).resident > now.resident


def test_time_of_a_processor_is_counted() -> None:
    before, began = used(os.getpid()).cpu_seconds, time.process_time()
    while time.process_time() < began + 0.03:
        pass
    assert used(os.getpid()).cpu_seconds > before + 0.015  # the kernel counts hundredths


def test_descriptors_are_counted() -> None:
    before = used(os.getpid()).open_fds
    pipe = os.pipe()
    after = used(os.getpid()).open_fds
    for end in pipe:
        os.close(end)
    assert before is not None
    assert after == before + 2


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_descriptors_of_the_process_of_another_user_are_counted_too() -> None:
    reading, writing = os.pipe()
    with running() as other:
        expected = used(other.pid).open_fds
        child = os.fork()
        if not child:
            os.setresuid(NOBODY, NOBODY, NOBODY)
            found = usage(other.pid)
            os.write(writing, str(found and found.open_fds).encode())
            os._exit(0)
        os.waitpid(child, 0)
    told = os.read(reading, 100).decode()
    for end in (reading, writing):
        os.close(end)
    # The kernel says so from 6.2 on.
    assert told in (str(expected), "None")
    assert told != "None" or tuple(map(int, os.uname().release.split(".")[:2])) < (6, 2)


def test_a_process_that_has_ended_uses_nothing() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert usage(process.pid) is None


def test_what_the_kernel_does_not_tell_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "7"
    folder.mkdir()
    (tmp_path / "stat").write_text("cpu 1 2 3\nbtime 1000\n")
    stat = f"7 (a) b) S {' '.join('0' for _ in range(10))} 150 50 0 0 20 0 3 0 400 4096000 10 0"
    (folder / "stat").write_text(stat)
    (folder / "limits").write_text(
        "Max open files            unlimited            unlimited            files\n"
    )
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    assert usage(7, tmp_path) == Usage(200 / ticks, 10 * page, 4096000, 1000 + 400 / ticks, None, None)


def test_both_processes_have_every_family_with_its_type(status_store: StatusStore, metrics: Metrics) -> None:
    own = Privileges(0, 0, 0, 0, 0, 0, 0, no_new_privileges=True)
    told = RouterFacts(os.getppid(), 0, 0x3000, 0x3000, 0x3000, 0, 0)
    status_store.processes = Processes(ObserverFacts(os.getpid(), own, 0), told)
    families = {each.name: each for each in parse(metrics.expose()[1].decode())}
    for metric in PROCESS_METRICS:
        family = families[metric.name.removesuffix("_total")]
        assert family.type == metric.kind
        assert {each.labels["process"] for each in family.samples} == {"router", "observer"}
    for gone in (Processes(ObserverFacts(os.getpid(), own, 0)), None):
        status_store.processes = gone
        text = metrics.expose()[1].decode()
        assert 'process="router"' not in text
