"""What the processes may do while the configuration is read: the start, its child, the first observer."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from sidecar import privileges
from sidecar.privileges import NET_ADMIN, NET_RAW, NETWORK, SETPCAP
from tests.netns.processes import children, command

ROOT: Final = Path(__file__).parents[4]
MAY: Final = privileges.of().effective

pytestmark = pytest.mark.skipif(
    any(not MAY >> each & 1 for each in (NET_ADMIN, NET_RAW, SETPCAP)),
    reason="needs root, which has something to give up; run as root to enable this test",
)


def observer_and_reader(pid: int) -> tuple[int, int]:
    """The two children of a start: the observer by its command, the other one is a fork of the start."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        found = children(pid)
        observers = [
            each for each in found if any(b"sidecar.observer.start" in word for word in command(each))
        ]
        if len(found) == 2 and observers:
            (reader,) = set(found) - set(observers)
            return observers[0], reader
        time.sleep(0.005)
    raise AssertionError(f"other children than two: {found}")


def await_rights(pid: int, permitted: int) -> privileges.Privileges:
    ends = time.monotonic() + 20
    while (seen := privileges.of(pid)).permitted != permitted or not seen.no_new_privileges:
        assert time.monotonic() < ends, seen
        time.sleep(0.005)
    return seen


def test_nothing_runs_with_more_than_two_capabilities_when_the_file_is_read(tmp_path: Path) -> None:
    """The file is a pipe, so that its reader can be looked at while it waits."""
    pipe = tmp_path / "config.yaml"
    os.mkfifo(pipe)
    words = [sys.executable, "-m", "sidecar", "run", "-c", str(pipe)]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE) as start:
        try:
            observer, reader = observer_and_reader(start.pid)
            for pid in (start.pid, reader):
                seen = await_rights(pid, NETWORK)
                assert (seen.effective, seen.bounding, seen.inheritable, seen.ambient) == (
                    NETWORK,
                    NETWORK,
                    0,
                    0,
                )
                assert (seen.uid, seen.gid) == (os.geteuid(), os.getegid())
            seen = await_rights(observer, 0)
            assert (seen.effective, seen.bounding & ~NETWORK, seen.inheritable, seen.ambient) == (0, 0, 0, 0)
            with pipe.open("w") as file:
                file.write("nonsense")
            assert start.wait(20) == 2
        finally:
            start.kill()
