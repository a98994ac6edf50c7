"""What a process keeps in memory, as the kernel tells it (proc_pid_smaps(5)); it ends no process later."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sidecar import memory_lock, privileges

ROOT = Path(__file__).parents[2]
IPC_LOCK = 14
SMAPS = """
import json, re, resource, sys
from sidecar import memory_lock, privileges

def limit(most):
    _, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (most, hard))
    return most

def mappings():
    found = []
    for line in open("/proc/self/smaps", errors="replace"):
        if re.match("[0-9a-f]+-[0-9a-f]+ ", line):
            words = line.split(None, 5)
            first, last = (int(each, 16) for each in words[0].split("-"))
            kind, path = words[1], words[5].strip() if len(words) == 6 else ""
        elif line.startswith("VmFlags:"):
            found.append([last - first, kind, path, " lo" in line])
    return found
"""


def told(code: str) -> Any:
    """Run it in a process of its own; return what it printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", SMAPS + code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("room", [0, 64 * 1024, 4 * 1024 * 1024])
def test_without_a_capability_no_more_is_locked_than_the_limit_allows(room: int) -> None:
    most, locked, said = told(
        f"most = limit({room}); privileges.give_up(); locked = memory_lock.lock()\n"
        "print(json.dumps([most, locked, memory_lock.locked()]))"
    )
    assert locked == said <= most
    assert bool(locked) == bool(most)


def test_where_not_all_may_stay_code_comes_first_and_the_small_pieces_of_it() -> None:
    found = told(
        f"limit({1024 * 1024}); privileges.give_up(); memory_lock.lock(); print(json.dumps(mappings()))"
    )
    code = [(size, locked) for size, kind, path, locked in found if "x" in kind and path.startswith("/")]
    kept = [size for size, locked in code if locked]
    left = [size for size, locked in code if not locked]
    assert kept
    assert left
    assert max(kept) <= min(left)


needs_ipc_lock = pytest.mark.skipif(not privileges.of().may(IPC_LOCK), reason="needs the capability IPC_LOCK")


@needs_ipc_lock
def test_who_has_ipc_lock_stays_whole_and_its_stack_grows_later_without_it() -> None:
    """A locked stack that meets the limit would end the process: SIGSEGV."""
    found, deep, more = told(
        "limit(65536); memory_lock.lock(); privileges.keep(privileges.NETWORK); found = mappings()\n"
        "sys.setrecursionlimit(50_000); nested = []\n"
        "for _ in range(20_000): nested = [nested]\n"
        "grown = bytearray(1)\n"
        "for _ in range(200): grown.extend(bytes(100_000))\n"
        "print(json.dumps([found, len(repr(nested)), len(grown)]))"
    )
    locked = {path for _, _, path, kept in found if kept}
    assert "[heap]" in locked
    assert "[stack]" not in locked
    assert all(kept for _, _, path, kept in found if path.startswith("/"))
    assert (deep, more) == (40_002, 20_000_001)


def test_where_the_kernel_says_nothing_no_byte_is_locked() -> None:
    assert memory_lock.locked(2**22 + 1) == 0
