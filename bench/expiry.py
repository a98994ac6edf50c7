"""How late the kernel removes an address whose lifetime is over: `python -m bench.expiry` (root).

No sidecar runs. In a namespace of its own an address gets a lifetime of two seconds, as a VIP has at an
interval of 1 s, at another phase of the kernel's clock each time, and `ip monitor` tells when it is gone.
"""

import argparse
import random
import subprocess
import sys
import time
from contextlib import closing
from typing import IO

from bench.statistics import Measure, markdown, summarise
from tests.netns.namespace import Namespace

LIFETIME = 2
COUNTED_WITH = 0.7
"""Seconds with which the lease counts (docs/adr/0002-vip-is-a-lease.md)."""
_AT_ONCE = 4
_ADDRESS = "192.0.2.{}/32"


def expire(namespace: Namespace, monitor: IO[bytes], numbers: range) -> list[float]:
    """Add addresses at random moments, and return by how many seconds each was removed late."""
    added: dict[str, float] = {}
    for number in numbers:
        time.sleep(random.uniform(0, 0.5))  # noqa: S311 - phases, no secrets
        address = _ADDRESS.format(number)
        added[address] = time.monotonic()
        namespace.ip(f"address add {address} dev lo valid_lft {LIFETIME} preferred_lft {LIFETIME}")
    late = []
    while added:
        words = monitor.readline().decode().split()
        if not words:
            raise SystemExit("ip monitor has ended")
        if words[0] == "Deleted":
            began = added.pop(next(word for word in words if word in added))
            late.append(time.monotonic() - began - LIFETIME)
    return late


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.expiry", description="Expiry of addresses.")
    parser.add_argument("--expiries", type=int, default=650, help="addresses that expire (default 650)")
    expiries = parser.parse_args().expiries
    late: list[float] = []
    with closing(Namespace()) as namespace:
        # Line by line: what comes into a pipe would else be told together.
        command = ["stdbuf", "-oL", "ip", "-oneline", "monitor", "address"]
        process = namespace.spawn(command, subprocess.PIPE)
        if process.stdout is None:
            raise SystemExit("no pipe from ip monitor")
        with process.stdout as monitor:
            time.sleep(0.5)
            for number in range(0, expiries, _AT_ONCE):
                late += expire(namespace, monitor, range(1, 1 + min(_AT_ONCE, expiries - number)))
            process.kill()
    measure = Measure("removed after its lifetime by", COUNTED_WITH, every=True)
    sys.stdout.write(markdown([summarise(measure, late)]))


if __name__ == "__main__":
    main()
