"""Adverts while others hold the kernel's lock of the network (RTNL): `python -m bench.rtnl` (root).

In a namespace of its own 400 macvlan interfaces are made on one veth, which then is deleted: the kernel
keeps the lock until all of them are gone. One sidecar serves meanwhile with an interval of 100 ms. The
control is the same sidecar in the same run, as long, without holds.
"""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import closing

from bench.statistics import Measure, Row, markdown, summarise
from tests.netns.lab import Lab
from tests.netns.namespace import Namespace
from tests.netns.on_time import lateness, p99
from tests.netns.vrrp_daemon import Setup

INTERVAL = 0.1
MACVLANS = 400
_PAUSE = 1.0
"""Seconds between two holds, in which the lease is renewed at least once."""


def hold(crowd: Namespace) -> float:
    """Fill the namespace, and delete everything by one command. Return the seconds which that took."""
    macvlans = (f"link add link crowd name m{number} type macvlan" for number in range(MACVLANS))
    crowd.ip("link add crowd type veth peer name far", *macvlans)
    time.sleep(_PAUSE)
    began = time.monotonic()
    crowd.ip("link del crowd")
    return time.monotonic() - began


def _late(lab: Lab, act: Callable[[], None]) -> list[float]:
    mark = lab.witness.mark
    act()
    seen = lab.witness.since(mark)
    if any(event.kind == "removed" for event in seen):
        raise SystemExit("the VIP was removed")
    return lateness([event.about["stamp"] for event in seen if event.kind == "advert"], INTERVAL)


def _row(measure: Measure, seconds: list[float]) -> Row:
    return summarise(measure, [1000 * each for each in seconds])


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.rtnl", description="Adverts while RTNL is held.")
    parser.add_argument("--holds", type=int, default=50, help="deletions of 400 interfaces (default 50)")
    holds = parser.parse_args().holds
    took: list[float] = []
    with closing(Namespace()) as crowd, Lab(Setup(interval=INTERVAL, checks={}), hosts=1) as lab:
        lab.start()
        began = time.monotonic()
        late = _late(lab, lambda: took.extend(hold(crowd) for _ in range(holds)))
        lasted = time.monotonic() - began
        quiet = _late(lab, lambda: time.sleep(lasted))
    bound = 1000 * max(quiet) + 2
    rows = [
        _row(Measure("deletion of 400 interfaces", unit="ms"), took),
        _row(Measure("advert late by, RTNL held", bound, every=True, unit="ms"), late),
        _row(Measure("advert late by, control", unit="ms"), quiet),
    ]
    sys.stdout.write(markdown(rows))
    sys.stdout.write(f"\np99: RTNL held {1000 * p99(late):.1f} ms, control {1000 * p99(quiet):.1f} ms\n")


if __name__ == "__main__":
    main()
