"""Proportional memory of all processes of a sidecar: `python -m bench.memory [--docker | --of PID]` (root).

One router, http and link checks, A = 1 s, 20 s after the start; with `--docker` also a container check, of a
container of an engine of our own, so that everything is loaded which speaks with Docker. What processes
share, such as the code of the interpreter, counts in proportion (proc_pid_smaps(5)): beside other programs in
Python it is less. The sum `alone` is that of a machine on which nothing else has these files: their pages are
counted once. `--of PID` measures a sidecar that runs, such as one in the image:
`docker inspect -f '{{.State.Pid}}' NAME`.
"""

import argparse
import sys
from collections.abc import Iterable
from compileall import compile_dir
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.e2e.own_engine import OwnEngine
from tests.netns.lab import Lab
from tests.netns.processes import below, command
from tests.netns.vrrp_daemon import NGINX_CHECKS, ROOT, Setup

CHECKS = {"http": NGINX_CHECKS["http"], "uplink": {"link": "eth0"}}
CONTAINER = "nginx-a"
SETTLED = 20.0


def proportional(pid: int) -> int:
    """Return the KiB of a process, shared ones in proportion."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def alone(pids: Iterable[int]) -> int:
    """Return the KiB of processes together, of each mapping of a file the most that one of them has."""
    anonymous = 0
    mapping: tuple[str, ...] = ()
    of_files: dict[tuple[str, ...], int] = {}
    for pid in pids:
        resident = 0
        for line in Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines():
            words = line.split()
            if not words[0].endswith(":"):
                mapping = (*words[1:5], *words[5:])
            elif words[0] == "Rss:":
                resident = int(words[1])
            elif words[0] == "Anonymous:":
                anonymous += int(words[1])
                of_file = resident - int(words[1])
                of_files[mapping] = max(of_file, of_files.get(mapping, 0))
    return anonymous + sum(of_files.values())


def tell(router: int) -> None:
    """Print a line for each process of the sidecar, and the sums."""
    pids = [router, *below(router)]
    sizes = {pid: proportional(pid) for pid in pids}
    for pid, size in sizes.items():
        name = "router" if pid == router else command(pid)[-4][:60].decode(errors="replace")
        sys.stdout.write(f"{size / 1024:6.1f} MB  {name}\n")
    sys.stdout.write(f"{sum(sizes.values()) / 1024:6.1f} MB  together\n{alone(pids) / 1024:6.1f} MB  alone\n")


def main() -> None:
    """Measure a sidecar of our own, or one that runs."""
    parser = argparse.ArgumentParser(description="Proportional memory of a sidecar's processes.")
    parser.add_argument("--docker", action="store_true", help="with a container check")
    parser.add_argument("--of", type=int, metavar="PID", help="the router of a sidecar that runs")
    chosen = parser.parse_args()
    if chosen.of is not None:
        tell(chosen.of)
        return
    checks: dict[str, Any] = dict(CHECKS)
    docker: dict[str, str] = {}
    # As in the image: a process that has to compile keeps what it needed for that.
    compile_dir(str(ROOT / "sidecar"), quiet=1)
    with ExitStack() as stack:
        if chosen.docker:
            engine = stack.enter_context(OwnEngine())
            engine.run(CONTAINER)
            checks[CONTAINER] = {"container": CONTAINER}
            docker["a"] = engine.url
        lab = stack.enter_context(Lab(Setup(interval=1.0, checks=checks, docker=docker), hosts=1))
        lab.start()
        lab.watch_for(SETTLED)
        tell(lab.hosts["a"].daemon.pid)


if __name__ == "__main__":
    main()
