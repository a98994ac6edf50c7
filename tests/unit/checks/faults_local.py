"""Faults of files and programs."""

import asyncio
import os
import tempfile
from pathlib import Path

from sidecar.core.health.result import CheckResult
from sidecar.plan.check import ExecCheck, FileCheck, Identity
from tests.unit.checks.fault_table import DEADLINE, ERROR, FAIL, PASS, PATIENCE, TIMEOUT, Scenario, when
from tests.unit.checks.stage import (
    first_result,
    in_new_network,
)


@when("file", "maintenance: the file exists", FAIL, "the file exists")
def flagged(folder: Path) -> CheckResult:
    (folder / "maintenance").touch()
    return asyncio.run(first_result(FileCheck("it", str(folder / "maintenance"), timeout=DEADLINE)))


@when("file", "present: the file is missing", FAIL, "the file does not exist")
def missing(folder: Path) -> CheckResult:
    return asyncio.run(first_result(FileCheck("it", str(folder / "ready"), present=True, timeout=DEADLINE)))


@when("file", "hung filesystem", TIMEOUT, "the filesystem does not answer")
def hung_filesystem(folder: Path) -> CheckResult:
    def work() -> CheckResult:
        # A FUSE filesystem whose server never says a word: the kernel waits for it without end.
        device = os.open("/dev/fuse", os.O_RDWR)
        try:
            options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
            libc_mount(folder, options)
            return asyncio.run(first_result(FileCheck("it", str(folder / "flag"), timeout=DEADLINE)))
        finally:
            os.close(device)

    return in_new_network(work, mounts=True)


def libc_mount(folder: Path, options: str) -> None:
    """mount(2) itself: mount(8) would lose the descriptor."""
    import ctypes  # noqa: PLC0415

    libc = ctypes.CDLL(None, use_errno=True)
    failed = libc.mount(b"hung", os.fsencode(folder), b"fuse", 0, options.encode())
    assert not failed, os.strerror(ctypes.get_errno())


def program(*argv: str, timeout: float = PATIENCE) -> Scenario:
    return lambda _: asyncio.run(first_result(ExecCheck("it", argv, timeout=timeout)))


def shell(text: str, timeout: float = PATIENCE) -> Scenario:
    return program("/bin/sh", "-c", text, timeout=timeout)


@when("exec", "fork bomb", TIMEOUT, "the program has not ended")
def fork_bomb(_: Path) -> CheckResult:
    argv = ("/bin/sh", "-c", "b() { b | b & }; (b) & exec sleep 9")
    # The shell itself forks once, before the others begin: later it may not be able to, which would end it.
    # A user of its own: how many processes there may be is counted by user, and other tests run as nobody.
    return asyncio.run(first_result(ExecCheck("it", argv, user=Identity(65533, 65533), timeout=DEADLINE)))


when("exec", "fails", FAIL, "exit status 3: no disk left")(shell("echo; echo no disk left; exit 3"))
when("exec", "hangs", TIMEOUT, "the program has not ended")(shell("sleep 9", DEADLINE))
when("exec", "forks and hangs", TIMEOUT, "the program has not ended")(
    shell("sleep 9 & sleep 9 & wait", DEADLINE)
)
when("exec", "ends, leaves a child that holds its output", PASS, "exit status 0")(shell("sleep 9 &"))
when("exec", "stops the process that watches it", TIMEOUT, "the program has not ended")(
    shell("kill -STOP $PPID; sleep 9", DEADLINE)
)
when("exec", "kills the process that watches it", ERROR, "its watcher was killed")(
    shell("kill -KILL $PPID; sleep 9")
)
when("exec", "floods its output", TIMEOUT, "the program has not ended")(
    program("/usr/bin/yes", timeout=DEADLINE)
)
when("exec", "ends, leaves a child in a session of its own", PASS, "exit status 0")(shell("setsid sleep 9 &"))
when("exec", "killed by a signal", FAIL, "killed by SIGSEGV")(shell("kill -SEGV $$"))
when("exec", "does not exist", ERROR, "no such file or directory")(program("/nonexistent/check"))
when("exec", "not root's alone: folder", ERROR, "can be written by others than root")(
    lambda folder: _own_program(folder, "#!/bin/sh\n")
)


@when("exec", "no such interpreter", ERROR, "its interpreter does not exist")
def no_interpreter(_: Path) -> CheckResult:
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        Path(folder).chmod(0o755)
        return _own_program(Path(folder), "#!/nonexistent/sh\n")


def _own_program(folder: Path, text: str) -> CheckResult:
    file = folder / "check"
    file.write_text(text)
    file.chmod(0o755)
    return asyncio.run(first_result(ExecCheck("it", (str(file),), timeout=PATIENCE)))
