"""`status --watch` as a user runs it, on a terminal and in a pipe.

Modules: cli.status, cli.streams, cli.watch.
"""

import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sidecar.core.snapshot import Snapshot
from tests.unit.telemetry.handmade import router, snapshot
from tests.unit.together.cli.test_command import ROOT, Running, command, running

__all__ = ["running"]

pytestmark = pytest.mark.parts


@contextmanager
def watching(path: Path, *words: str, stdout: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    # A shell that starts something in the background has it ignore SIGINT, and so has all that this starts.
    argv = ["env", "--default-signal=INT", sys.executable, "-m", "sidecar", "status", "--watch", "100ms"]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [*argv, "--socket", str(path), *words], cwd=ROOT, stdout=stdout, stderr=said, text=True
        )
        try:
            yield process
            assert process.wait(20) is not None
            said.seek(0)
            assert said.read() == ""
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def states(watcher: subprocess.Popen[str]) -> Iterator[str]:
    """What each line of JSON says: the state of the router, or why there is none."""
    assert watcher.stdout is not None
    for line in watcher.stdout:
        told = json.loads(line)
        yield told["error"] if "error" in told else told["virtual_routers"][0]["state"]


def test_in_a_pipe_each_look_is_a_line_and_the_last_one_gives_the_exit_code(
    running: Running, tmp_path: Path
) -> None:
    with watching(running.path, "-o", "json") as watcher:
        seen = states(watcher)
        assert [next(seen), next(seen)] == ["MASTER", "MASTER"]
        running.show(snapshot())
        assert command("status", "--socket", str(running.path)).returncode == 1
        # Of what was written before it, the pipe may still hold some.
        moved = running.path.rename(tmp_path / "elsewhere.sock")
        assert next(state for state in seen if state != "MASTER").startswith("no sidecar answers")
        moved.rename(running.path)
        assert next(state for state in seen if "answers" not in state) == "MASTER"
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(20) == 1


def test_a_reader_that_goes_ends_it_with_the_last_state(running: Running) -> None:
    running.show(snapshot())
    with watching(running.path) as watcher:
        assert watcher.stdout is not None
        first = watcher.stdout.readline()
        assert first.endswith("UTC\n")
        assert "\x1b" not in first + watcher.stdout.readline()
        watcher.stdout.close()
        assert watcher.wait(20) == 1


def test_a_terminal_is_drawn_anew(running: Running) -> None:
    running.show(Snapshot("a", 1000.0, (router(effective_priority=250),), (), stopping=False))
    ours, theirs = pty.openpty()
    try:
        with watching(running.path, stdout=theirs) as watcher:
            os.close(theirs)
            drawn = b""
            while drawn.count(b"\x1b[H") < 3:
                drawn += os.read(ours, 65536)
            assert drawn.count(b"\x1b[H\x1b[2J") == 1
            assert b"MASTER for" in drawn
            watcher.send_signal(signal.SIGINT)
            while watcher.poll() is None:
                try:
                    os.read(ours, 65536)
                except OSError:  # the terminal has no other end any more
                    break
            assert watcher.wait(20) == 0
    finally:
        os.close(ours)
