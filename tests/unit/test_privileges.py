"""Privileges that were given up are gone, for this process and for every program that it starts."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sidecar import privileges
from sidecar.privileges import KILL, NET_ADMIN, NET_RAW, NETWORK, SETGID, SETPCAP, SETUID

ROOT = Path(__file__).parents[2]
GRANTED = privileges.of().effective
REPORT = "import json; from dataclasses import asdict; from sidecar import privileges; "


def told(code: str) -> Any:
    """Run it in a process of its own; return what it printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT + code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def needs(*capabilities: int) -> pytest.MarkDecorator:
    lacking = [each for each in capabilities if not GRANTED >> each & 1]
    return pytest.mark.skipif(bool(lacking), reason=f"needs root with capabilities {lacking}")


def test_what_the_kernel_says_of_this_process_is_read() -> None:
    found = privileges.of()
    assert (found.uid, found.gid) == (os.geteuid(), os.getegid())
    assert found.effective & ~found.permitted == 0
    assert privileges.of(os.getpid()) == found


@needs(NET_ADMIN, NET_RAW, SETPCAP)
def test_the_router_keeps_two_capabilities_and_no_way_to_others() -> None:
    left = told("print(json.dumps(asdict(privileges.keep(privileges.NETWORK))))")
    assert left == {
        "uid": 0,
        "gid": 0,
        "inheritable": 0,
        "permitted": NETWORK,
        "effective": NETWORK,
        "bounding": NETWORK,
        "ambient": 0,
        "no_new_privileges": True,
    }


@needs(NET_ADMIN, SETPCAP)
def test_a_program_that_root_starts_after_it_regains_nothing() -> None:
    """Root would get back, by exec, whatever the bounding set holds, but for no_new_privs."""
    grep = "subprocess.run(['grep', '^Cap', '/proc/self/status'], capture_output=True, text=True).stdout"
    before = "import subprocess, ctypes; "
    for shrink in ("", f"privileges.keep(0x{NETWORK:x}); "):
        seen = told(f"{before}{shrink}privileges.give_up(); print(json.dumps({grep}))")
        values = dict(line.split(":\t") for line in seen.splitlines())
        assert {int(values[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0}


@needs(NET_ADMIN, SETPCAP)
def test_without_setpcap_the_bounding_set_stays_and_a_program_regains_nothing_all_the_same() -> None:
    libc = "import subprocess, ctypes; libc = ctypes.CDLL(None); "
    # SETPCAP goes from the effective set alone, so that the bounding set cannot be cut: as in a container.
    lose = (
        "before = privileges.of(); e = before.permitted & ~(1 << privileges.SETPCAP); "
        "libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), "
        "(ctypes.c_uint32 * 6)(e & 0xffffffff, e & 0xffffffff, 0, e >> 32, e >> 32, 0)); "
    )
    grep = "subprocess.run(['grep', '^Cap', '/proc/self/status'], capture_output=True, text=True).stdout"
    keep = "left = privileges.keep(privileges.NETWORK); "
    said = told(f"{libc}{lose}{keep}print(json.dumps([asdict(left), {grep}]))")
    assert said[0]["bounding"] & ~NETWORK
    assert said[0]["permitted"] == NETWORK
    values = dict(line.split(":\t") for line in said[1].splitlines())
    assert int(values["CapEff"], 16) == int(values["CapPrm"], 16) == NETWORK


@needs(NET_ADMIN)
def test_the_network_is_out_of_reach_of_who_gave_up() -> None:
    tries = (
        "import socket\n"
        "privileges.give_up()\n"
        "said = []\n"
        "for kind in ((socket.AF_INET, socket.SOCK_RAW, 112), (socket.AF_PACKET, socket.SOCK_RAW, 0)):\n"
        "    try:\n"
        "        socket.socket(*kind)\n"
        "    except PermissionError as refused:\n"
        "        said.append(refused.errno)\n"
        "print(json.dumps(said))"
    )
    assert told(tries) == [1, 1]


@needs(SETUID, SETGID, KILL)
def test_who_gave_up_becomes_nobody_else_and_kills_nobody_else() -> None:
    other = subprocess.Popen(["sleep", "60"], user=65534)
    try:
        tries = (
            "import os\n"
            "privileges.give_up()\n"
            "said = []\n"
            "become = (lambda: os.setuid(65534), lambda: os.setgid(65534))\n"
            f"for act in (*become, lambda: os.kill({other.pid}, 9)):\n"
            "    try:\n"
            "        act()\n"
            "    except PermissionError as refused:\n"
            "        said.append(refused.errno)\n"
            "print(json.dumps(said))"
        )
        assert told(tries) == [1, 1, 1]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@needs(NET_ADMIN, NET_RAW)
def test_who_gave_up_sees_nothing_of_a_process_of_its_user_that_has_more() -> None:
    """As the observer that has the router's user: the kernel compares capabilities, too."""
    tries = (
        "import ctypes, os\n"
        "privileges.keep(privileges.NETWORK)\n"
        "into, out = os.pipe()\n"
        "if not os.fork():\n"
        "    privileges.give_up()\n"
        "    router, said = os.getppid(), []\n"
        "    for name in ('environ', 'mem'):\n"
        "        try:\n"
        "            open(f'/proc/{router}/{name}', 'rb').read(1)\n"
        "        except PermissionError as refused:\n"
        "            said.append(refused.errno)\n"
        "    libc = ctypes.CDLL(None, use_errno=True)\n"
        "    said.append(ctypes.get_errno() if libc.ptrace(16, router, 0, 0) else 0)\n"
        "    os.write(out, json.dumps(said).encode())\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print(os.read(into, 100).decode())"
    )
    assert told(tries) == [13, 13, 1]


def test_what_is_left_is_checked() -> None:
    """A kernel, or a sandbox, that takes the call and does nothing must not pass."""
    lie = (
        "import ctypes\n"
        "class Lying:\n"
        "    def __init__(self, *a, **k): pass\n"
        "    def __getattr__(self, name): return lambda *a: 0\n"
        "privileges.ctypes.CDLL = Lying\n"
        "try:\n"
        "    privileges.give_up()\n"
        "except OSError as refused:\n"
        "    print(json.dumps(str(refused)))"
    )
    assert told(lie).startswith("capabilities are left that were given up")


def test_the_first_victim_when_memory_runs_out() -> None:
    seen = told("privileges.be_first_victim(); print(json.dumps(open('/proc/self/oom_score_adj').read()))")
    assert seen.strip() == "1000"
