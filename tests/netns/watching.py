"""The witness of a network as a process, and what it has seen so far."""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.netns.journal import Journal
from tests.netns.sightings import Sighting

_ROOT = Path(__file__).resolve().parents[2]


def watch(
    stack: ExitStack, vip: str, wire: int | str, ears: int | str, hosts: Mapping[str, int | str]
) -> Journal[Sighting]:
    """Start the witness, and wait until it sees; the stack ends it.

    `wire`, `ears`: pids in the namespaces of the switch and of an onlooker; `hosts`: one of each host.
    """
    pids = [str(wire), str(ears), *(f"{name}={pid}" for name, pid in hosts.items())]
    # It ends together with the test that started it, also if that is killed.
    argv = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "tests.netns.witness", vip, *pids]
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=_ROOT)
    witness = Journal(process, Sighting)
    stack.callback(witness.close)
    witness.wait(lambda event: event.kind == "ready", 5, what="the witness")
    return witness
