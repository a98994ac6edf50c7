"""Rights of a program of an exec check: few, and none after the verdict.

Modules: programs.safe_path.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import ExecCheck, Identity
from sidecar.programs.safe_path import UnsafeProgramError, safe_path
from tests.lateness import Lateness
from tests.unit.checks.stage import children, first_result, results, state_of, wait_until

pytestmark = [pytest.mark.netns, pytest.mark.parts]

MARK = f"31.{os.getpid():07}"
"""Seconds that nothing else sleeps."""


def run(*argv: str, timeout: float = 20.0, **more: Any) -> CheckResult:
    return asyncio.run(first_result(ExecCheck("it", argv, timeout=timeout, **more)))


def sleepers() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if MARK.encode() in words and words[0].endswith(b"sleep"):
                found.append(entry.name)
    return found


@pytest.fixture
def root_folder() -> Iterator[Path]:
    """A folder that is root's alone, unlike those below /tmp."""
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


PROGRAM = """
import os, sys
lines = open("/proc/self/status").read().splitlines()
status = dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)
capabilities = {status[name].strip() for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")}
claims = {
    "identity": f"{os.getuid()}:{os.getgid()}:{os.getgroups()}" == sys.argv[1] + ":[]",
    "no capabilities": capabilities == {"0" * 16},
    "no new privileges": status["NoNewPrivs"].strip() == "1",
    "own process group": os.getpgid(0) == os.getpid(),
    "session of its watcher": os.getsid(0) == os.getppid(),
    "folder": os.getcwd() == "/",
    "environment": set(os.environ) <= {"LANG", "PATH", "LC_CTYPE"},
    "descriptors": len(os.listdir("/proc/self/fd")) == 4,
    "signals": int(status["SigBlk"], 16) == 0,
}
print([claim for claim, holds in claims.items() if not holds])
sys.exit(not all(claims.values()))
"""


@pytest.mark.parametrize("user", [None, Identity(0, 0), Identity(3, 4)])
def test_a_program_has_no_privilege_no_environment_and_no_descriptor_of_ours(
    user: Identity | None, root_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    own = Identity(os.geteuid(), os.getegid())
    (root_folder / "program.py").write_text(PROGRAM)
    result = run("/usr/bin/python3", "-I", str(root_folder / "program.py"), str(user or own), user=user)
    assert result.outcome is Outcome.PASS, result


@pytest.mark.parametrize(
    "script",
    [
        "SLEEP",
        "SLEEP & SLEEP & wait",
        "setsid SLEEP & setsid SLEEP & exit 0",
        "trap '' TERM; (trap '' TERM; SLEEP)",
        "kill -STOP $PPID; SLEEP",
        "kill -KILL $PPID; SLEEP",
    ],
)
@pytest.mark.timing
def test_nothing_of_it_is_left_after_the_verdict(script: str, lateness: Lateness) -> None:
    started = time.monotonic()
    result = run("/bin/sh", "-c", script.replace("SLEEP", f"sleep {MARK}"), timeout=0.3)
    assert result.seconds < 0.5 + (late := lateness())
    wait_until(lambda: not sleepers())
    assert time.monotonic() - started < 1.3 + late + lateness()
    assert "Z" not in [state_of(pid) for pid in children(os.getpid())]


_SIDECAR = f"""
import asyncio
from tests.lateness import Lateness
from sidecar.plan.check import ExecCheck
from tests.unit.checks.stage import first_result
argv = ("/bin/sh", "-c", "sleep {MARK} & sleep {MARK}")
asyncio.run(first_result(ExecCheck("it", argv, timeout=60.0, every=60.0)))
"""


def test_it_dies_with_the_sidecar() -> None:
    sidecar = subprocess.Popen([sys.executable, "-c", _SIDECAR])
    try:
        wait_until(lambda: len(sleepers()) == 2)
    finally:
        sidecar.send_signal(signal.SIGKILL)
        sidecar.wait()
    wait_until(lambda: not sleepers())


def test_a_gigabyte_of_output_costs_bounded_memory_and_shows_its_end() -> None:
    script = "head -c 1000000000 /dev/zero; echo; echo the end; exit 1"
    tracemalloc.start()
    try:
        result = run("/bin/sh", "-c", script, timeout=50.0, every=50.0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (result.outcome, result.detail) == (Outcome.FAIL, "exit status 1: the end")
    assert peak < 1024 * 1024


def test_output_is_shown_as_one_bounded_printable_line() -> None:
    result = run("/bin/sh", "-c", r"printf 'first\n\033[31m%0300d\n\n' 7; exit 2")
    assert result.detail == "exit status 2: ?[31m" + "0" * 195


_AS_THE_OBSERVER = """
import asyncio, sys
from sidecar.privileges import give_up
from tests.lateness import Lateness
from sidecar.plan.check import ExecCheck, Identity
from tests.unit.checks.stage import first_result
give_up()
for user in (None, Identity(65534, 65534)):
    check = ExecCheck("it", ("/bin/true",), user=user, every=20.0, timeout=20.0)
    print(asyncio.run(first_result(check)))
"""


def test_the_observer_runs_programs_as_itself_and_fails_closed_where_it_should_become_another() -> None:
    command = [sys.executable, "-c", _AS_THE_OBSERVER]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    own, other = done.stdout.splitlines()
    assert "Outcome.PASS" in own
    assert "Outcome.ERROR" in other
    assert "may not become uid 65534: the process that runs programs has no capability" in other
    assert "remove `user`, or write `user: 0:0`" in other


def test_a_program_that_others_may_change_is_refused_from_then_on(root_folder: Path) -> None:
    async def scenario() -> list[Outcome]:
        program = root_folder / "check"
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(0o755)
        stream = results(ExecCheck("it", (str(program),), every=0.1, timeout=20.0))
        seen = [(await anext(stream)).outcome]
        program.chmod(0o775)
        await anext(stream)
        refused = await anext(stream)
        assert "can be written by others than root; `chmod go-w" in refused.detail
        seen.append(refused.outcome)
        program.unlink()
        await anext(stream)
        seen.append((await anext(stream)).outcome)
        await stream.aclose()  # type: ignore[attr-defined]
        return seen

    assert asyncio.run(scenario()) == [Outcome.PASS, Outcome.ERROR, Outcome.ERROR]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#!/bin/sh\r\nexit 0\r\n", "its interpreter does not exist, or its first line ends in CR LF"),
        ("exit 0\n", "it is no program for this machine; a script begins with a line such as #!/bin/sh"),
    ],
)
def test_a_script_that_the_system_cannot_start_says_why(root_folder: Path, text: str, why: str) -> None:
    script = root_folder / "check"
    script.write_bytes(text.encode())
    script.chmod(0o755)
    result = run(str(script), timeout=20.0)
    assert (result.outcome, result.detail) == (
        Outcome.ERROR,
        f"the program could not be run: {script}: {why}",
    )


def test_who_may_have_made_a_program(root_folder: Path, tmp_path: Path) -> None:
    program, link = root_folder / "check", root_folder / "link"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    link.symlink_to(program)
    assert safe_path(str(link)) == str(program)
    elsewhere = tmp_path / "check"
    elsewhere.write_text("#!/bin/sh\n")
    elsewhere.chmod(0o755)
    link.unlink()
    link.symlink_to(elsewhere)
    with pytest.raises(UnsafeProgramError, match="can be written by others than root"):
        safe_path(str(link))
    os.chown(program, 65534, 0)
    with pytest.raises(UnsafeProgramError, match="belongs to uid 65534; it must belong to root"):
        safe_path(str(program))


def test_two_runs_never_overlap() -> None:
    async def scenario() -> list[Outcome]:
        stream = results(ExecCheck("it", ("/bin/sh", "-c", f"sleep {MARK}"), every=0.05, timeout=0.1))
        seen = []
        for _ in range(6):
            seen.append((await anext(stream)).outcome)
            assert len(sleepers()) <= 1
        await stream.aclose()  # type: ignore[attr-defined]
        return seen

    assert set(asyncio.run(scenario())) == {Outcome.TIMEOUT}


_WITH_CHLD_IGNORED = """
import asyncio, signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
from tests.lateness import Lateness
from sidecar.plan.check import ExecCheck
from tests.unit.checks.stage import first_result
for program in ("/bin/true", "/bin/false"):
    print(asyncio.run(first_result(ExecCheck("it", (program,), every=20.0, timeout=20.0))).detail)
"""


def test_a_status_is_seen_even_where_dead_children_are_ignored() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITH_CHLD_IGNORED], check=True, capture_output=True, text=True
    )
    assert re.fullmatch(r"exit status 0 in \d+ ms\nexit status 1\n", done.stdout)


_CROWDED_USER = 54_321
_CROWDED = """
import asyncio, os, sys, time
from tests.lateness import Lateness
from sidecar.plan.check import ExecCheck, Identity
from tests.unit.checks.stage import first_result
user, others = (int(word) for word in sys.argv[1:])
idle = []
for _ in range(others):
    if (pid := os.fork()) == 0:
        os.setresuid(user, user, user)
        time.sleep(300)
    idle.append(pid)
script = "i=0; while [ $i -lt %d ]; do sleep 9 & i=$((i+1)); done; exit 0"
for count in (100, 300):
    argv = ("/bin/sh", "-c", script % count)
    check = ExecCheck("it", argv, user=Identity(user, user), every=50.0, timeout=50.0)
    print(asyncio.run(first_result(check)).outcome.name)
for pid in idle:
    os.kill(pid, 9)
    os.waitpid(pid, 0)
"""


@pytest.mark.parametrize("others", [0, 200, 500])
def test_a_program_may_have_so_many_processes_whoever_else_is_its_user(others: int) -> None:
    """The kernel counts those of a user on the whole host: of programs in other containers, too."""
    user = str(_CROWDED_USER + others)
    done = subprocess.run(
        [sys.executable, "-c", _CROWDED, user, str(others)], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["PASS", "FAIL"]
