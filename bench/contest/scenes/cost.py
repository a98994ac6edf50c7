"""Processor time and memory of all processes of a daemon, as MASTER and as BACKUP, and what a start takes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.contest.contenders import Contender, Stage, Terms
from bench.contest.row import Result, Scene
from bench.contest.scenes.stage import seen, stamp
from bench.cost import used
from bench.idle import family
from tests.netns.lab import wait_until

SETTLED = 8.0
"""Seconds after which repeated announcements are over."""
_HOUR = 3600.0
_KIB = 1 << 10
_JOINED = "120000E0"
"""The group of VRRP in /proc/net/igmp."""
_STARTS = 20.0


def hourly(stage: Stage, seconds: float) -> dict[str, float]:
    """Return the seconds of processor time an hour of MASTER and BACKUP, from a window of so many seconds."""
    pids = {"master": stage.hosts["a"].daemon.pid, "backup": stage.hosts["b"].daemon.pid}
    before, began = {key: used(pid) for key, pid in pids.items()}, time.monotonic()
    time.sleep(seconds)
    after, lasted = {key: used(pid) for key, pid in pids.items()}, time.monotonic() - began
    return {key: (after[key] - before[key]) / lasted * _HOUR for key in pids}


def processor(interval: float, seconds: float) -> Scene:
    """Return the scene of windows of so many seconds, without checks."""

    @contextmanager
    def opened(contender: Contender) -> Iterator[Callable[[int], Result]]:
        with Stage(contender, Terms(interval)) as stage:
            stage.start()
            time.sleep(SETTLED)
            # The witness asks for the VIP fifty times a second, which a sidecar overhears.
            with stage.witness.paused(), stage.client.paused():
                yield lambda _: hourly(stage, seconds)

    return opened


@contextmanager
def memory(contender: Contender) -> Iterator[Callable[[int], Result]]:
    """Memory of all processes of the MASTER, shared parts in proportion, and with all that they share."""
    with Stage(contender, Terms()) as stage:
        stage.start()
        time.sleep(SETTLED)

        def once(_: int) -> Result:
            time.sleep(1.0)
            pids = family(stage.hosts["a"].daemon.pid)
            return {key.lower(): sum(_mebibytes(pid, key) for pid in pids) for key in ("Pss", "Rss")}

        yield once


@contextmanager
def start(contender: Contender) -> Iterator[Callable[[int], Result]]:
    """One host alone, A = 100 ms: from its start until it listens, and until its first advert."""
    with Stage(contender, Terms(interval=0.1, hosts=1)) as stage:
        host = stage.hosts["a"]
        igmp = Path(f"/proc/{host.namespace.pid}/net/igmp")

        def once(_: int) -> Result:
            wait_until(lambda: stage.holders() == [], _STARTS, "nobody holds the VIP")
            saw, began, since = stage.witness.mark, time.time(), time.monotonic()
            host.daemon.start()
            while _JOINED not in igmp.read_text(encoding="ascii"):
                time.sleep(0.002)
            listens = time.monotonic() - since
            first = seen(stage, _STARTS, saw, "advert", "a")
            with suppress(ProcessLookupError):
                host.daemon.terminate(_STARTS)
            return {"listens": listens, "advert": stamp(first, began)}

        yield once


def _mebibytes(pid: int, key: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) / _KIB
