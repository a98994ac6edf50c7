"""Proportional memory of all processes of a sidecar: `python -m bench.memory` (root).

One router, http and link checks, A = 1 s, 20 s after the start. What processes share, such as the code of the
interpreter, counts in proportion (proc_pid_smaps(5)): beside other programs in Python it is less.
"""

import sys
from pathlib import Path

from tests.netns.lab import Lab
from tests.netns.processes import below, command
from tests.netns.vrrp_daemon import NGINX_CHECKS, Setup

CHECKS = {"http": NGINX_CHECKS["http"], "uplink": {"link": "eth0"}}
SETTLED = 20.0


def proportional(pid: int) -> int:
    """Return the KiB of a process, shared ones in proportion."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def main() -> None:
    """Print a line for each process, and the sum."""
    with Lab(Setup(interval=1.0, checks=CHECKS), hosts=1) as lab:
        lab.start()
        lab.watch_for(SETTLED)
        router = lab.hosts["a"].daemon.pid
        pids = [router, *below(router)]
        sizes = {pid: proportional(pid) for pid in pids}
        for pid, size in sizes.items():
            name = "router" if pid == router else command(pid)[-4][:60].decode(errors="replace")
            sys.stdout.write(f"{size / 1024:6.1f} MB  {name}\n")
        sys.stdout.write(f"{sum(sizes.values()) / 1024:6.1f} MB  together\n")


if __name__ == "__main__":
    main()
