"""The process check against real processes, nginx among them.

Modules: checks.process.pidfd, checks.process.procfs.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidecar.checks.docker.container_state import ContainerState, Health
from sidecar.checks.kinds.process import _REFRESH
from sidecar.checks.process import procfs
from sidecar.checks.process.pidfd import watch_exit
from sidecar.checks.process.procfs import Census
from sidecar.core.health.result import Outcome
from sidecar.plan.check import ProcessCheck
from sidecar.programs.process import read
from tests.unit.checks.stage import children, nginx, running, wait_until


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program whose name nothing else on this machine has."""
    return Path(shutil.copy("/bin/sleep", tmp_path / f"chk{os.getpid()}"))


def start(program: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([program, "60"])


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def test_a_death_is_told_and_not_found_by_looking_and_the_return_is_a_fact_too(program: Path) -> None:
    """While the process lives we look every 30 s. docs/checks-proof.md says how soon the kernel tells."""
    process = start(program)
    try:
        with running([ProcessCheck("p", program.name)]) as seen:
            assert seen.after(0, Outcome.PASS)[0].result.detail == f"pid {process.pid} runs"
            mark, killed = len(seen.results), time.monotonic()
            process.kill()
            failure = seen.after(mark, Outcome.FAIL)[0]
            assert failure.at - killed < _REFRESH / 3
            assert failure.result.decisive
            assert failure.result.detail == f"pid {process.pid} died"
            process.wait()
            mark = len(seen.results)
            process = start(program)
            assert seen.after(mark, Outcome.PASS)[0].result.decisive
    finally:
        end(process)


def test_absent_means_failed(program: Path) -> None:
    with running([ProcessCheck("p", program.name)]) as seen:
        failure = seen.after(0, Outcome.FAIL)[0]
    assert (failure.result.detail, failure.result.decisive) == ("no such process", True)


def test_one_of_two_is_enough(program: Path) -> None:
    first, second = start(program), start(program)
    try:
        with running([ProcessCheck("p", program.name)]) as seen:
            assert seen.after(0, Outcome.PASS)[0].result.detail.startswith("2 run")
            mark = len(seen.results)
            end(first)
            assert seen.after(mark, Outcome.PASS)[0].result.detail == f"pid {second.pid} runs"
            end(second)
            seen.after(mark, Outcome.FAIL)
            assert Outcome.FAIL not in {s.result.outcome for s in seen.results[: mark + 1]}
    finally:
        end(first)
        end(second)


def test_orphaned_workers_of_a_killed_master_do_not_count(tmp_path: Path) -> None:
    binary = shutil.copy("/usr/sbin/nginx", tmp_path / f"ngx{os.getpid()}")
    with nginx(tmp_path, str(binary)) as web, running([ProcessCheck("p", Path(binary).name)]) as seen:
        assert seen.after(0, Outcome.PASS)[0].result.detail == f"pid {web.pid} runs"
        wait_until(lambda: len(children(web.pid)) == 2)
        time.sleep(0.1)  # older than the slack of the orphan rule
        pids = children(web.pid)
        mark = len(seen.results)
        web.signal(signal.SIGKILL)
        seen.after(mark, Outcome.FAIL)
        time.sleep(0.6)  # two rescans
        assert all(read(pid) is not None for pid in pids)
        assert seen.outcomes(mark) == {Outcome.FAIL}


def lives(pid: int) -> bool:
    """Whether a signal that ends this process has not ended it yet."""
    process = read(pid)
    return process is not None and process.lives


def test_workers_of_a_master_that_died_before_we_looked_do_not_count(tmp_path: Path) -> None:
    binary = str(shutil.copy("/usr/sbin/nginx", tmp_path / f"ngx{os.getpid()}"))
    with nginx(tmp_path, binary) as web:
        wait_until(lambda: len(children(web.pid)) == 2)
        time.sleep(0.1)  # they have written their titles
        pids = children(web.pid)
        web.signal(signal.SIGKILL)
        wait_until(lambda: not lives(web.pid))
        with running([ProcessCheck("p", Path(binary).name)]) as seen:
            assert seen.after(0, Outcome.FAIL)[0].result.detail == "only workers without their master run"
            time.sleep(0.6)  # two rescans
            assert seen.outcomes() == {Outcome.FAIL}
        assert all(read(pid) is not None for pid in pids)


def test_a_process_whose_first_thread_has_ended_lives() -> None:
    code = """if True:
        import ctypes, threading, time
        threading.Thread(target=time.sleep, args=(60,)).start()
        ctypes.CDLL(None).pthread_exit(None)"""
    process = subprocess.Popen([sys.executable, "-c", code])

    def state() -> tuple[str, bool]:
        seen = read(process.pid)
        assert seen is not None
        return seen.state, seen.lives

    try:
        wait_until(lambda: state() == ("Z", True))
        process.kill()
        wait_until(lambda: state() == ("Z", False))
    finally:
        end(process)


def test_a_binary_upgrade_is_no_failure(tmp_path: Path) -> None:
    binary = str(shutil.copy("/usr/sbin/nginx", tmp_path / f"ngx{os.getpid()}"))
    with (
        nginx(tmp_path, binary, daemon=True) as web,
        running([ProcessCheck("p", Path(binary).name)]) as seen,
    ):
        seen.after(0, Outcome.PASS)
        web.signal(signal.SIGUSR2)
        pid_file, old = tmp_path / "nginx.pid", tmp_path / "nginx.pid.oldbin"
        wait_until(lambda: old.exists() and pid_file.exists() and bool(pid_file.read_text()))
        wait_until(lambda: len(children(int(pid_file.read_text()))) == 2)
        time.sleep(0.1)  # older than the slack of the orphan rule
        mark = len(seen.results)
        web.signal(signal.SIGQUIT)
        detail = seen.after(mark, Outcome.PASS)[0].result.detail
        assert detail == f"pid {int(pid_file.read_text())} runs"
        assert seen.outcomes() == {Outcome.PASS}


def test_a_reused_pid_is_not_the_process_that_was_meant(program: Path) -> None:
    process = start(program)
    try:
        assert watch_exit(process.pid, lambda: False, lambda: None) is None
        end(process)
        assert watch_exit(process.pid, lambda: True, lambda: None) is None
    finally:
        end(process)


@pytest.mark.parametrize("name", ["a b", "a) R 1", "((", "täst"])
def test_names_cannot_confuse_the_stat_line(tmp_path: Path, name: str) -> None:
    process = start(Path(shutil.copy("/bin/sleep", tmp_path / name)))
    try:
        wait_until(lambda: (seen := read(process.pid)) is not None and seen.comm == name)
        seen = read(process.pid)
        assert seen is not None
        assert (seen.parent, seen.lives) == (os.getpid(), True)
    finally:
        end(process)


def test_a_pid_of_our_namespace_is_not_taken_for_one_of_a_container() -> None:
    state = ContainerState("f" * 64, "running", True, False, os.getpid(), "", Health(), 0, False)
    assert not procfs.belongs_to_container(state.pid, state.id)
    assert not procfs.belongs_to_container(2**22 + 5, state.id)


def test_a_quick_look_reads_the_short_names_of_young_processes_alone(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And sees all the same a process that has begun since, and one that executes the program now."""
    looked: list[int] = []
    named: list[int] = []
    comm = procfs._comm

    def counted(pid: int) -> object:
        looked.append(pid)
        return read(pid)

    def short_name(pid: int) -> bytes:
        named.append(pid)
        return comm(pid)

    async def scenario() -> None:
        census = Census(program.name)
        assert await census.roots() == []
        whole = len(looked)
        looked.clear()
        named.clear()
        assert await census.roots(quick=True) == []
        # Others may begin on this machine at any time.
        assert len(looked) < whole / 2
        assert waiting.pid in named
        assert 1 not in named
        assert pipe is not None
        pipe.write(b"now\n")
        pipe.close()
        begun.append(start(program))
        pids = {waiting.pid, begun[0].pid}
        ends = time.monotonic() + 20
        while {root.process.pid for root in await census.roots(quick=True)} != pids:
            assert time.monotonic() < ends

    begun: list[subprocess.Popen[bytes]] = []
    waiting = subprocess.Popen(["sh", "-c", f"read line; exec {program} 60"], stdin=subprocess.PIPE)
    pipe = waiting.stdin
    monkeypatch.setattr("sidecar.checks.process.procfs.SETTLED", 10.0)
    monkeypatch.setattr("sidecar.checks.process.procfs.read", counted)
    monkeypatch.setattr("sidecar.checks.process.procfs._comm", short_name)
    try:
        asyncio.run(scenario())
    finally:
        for process in (waiting, *begun):
            end(process)
