"""A serving host that loses its last address: `python -m bench.address_lost` (as root).

How long after the removal host b advertises as MASTER, and answers a client. The control, which takes turns
with it in the same lab, is a failover by a stop of the sidecar: what it takes less is the price of finding
out. Both are measured with a VIP of the subnet's length and with /32, `promote_secondaries` 0 and 1, A = 1 s,
priority of b 240.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from bench.statistics import Measure, markdown, summarise, write_json
from bench.steady import phase, steady
from tests.netns.bounds import LATE, skew
from tests.netns.lab import CLOSELY, Lab
from tests.netns.lan import VIP, address
from tests.netns.vrrp_daemon import Setup

_INTERVAL = 1.0
_BOUND = skew(240, _INTERVAL) + LATE
"""Seconds within which host b serves, in the median: Skew_Time and the lateness that is promised."""
_OWN = f"{address('a')}/24"
_PATIENCE = 5.0
_STARTS = 0.2
_IP = ("ip", "-batch", "-")


@dataclass(frozen=True, slots=True)
class _Takeover:
    """Seconds from the fault until host b said that it is MASTER, and until a client had its answer."""

    advert: float
    answer: float


def _takeover(lab: Lab, fault: Callable[[], float]) -> _Takeover:
    """Do it, and see when b serves. `fault` returns the moment of it."""
    asked, seen = lab.client.mark, lab.witness.mark
    since = fault()
    answer = lab.await_server("b", within=_PATIENCE, mark=asked)
    advert = lab.await_sighting("advert", "b", _PATIENCE, seen)
    return _Takeover(advert.at - since, answer.at - since)


def _removed(lab: Lab) -> _Takeover:
    a = lab.hosts["a"].namespace
    with a.network():
        waiting = subprocess.Popen(_IP, stdin=subprocess.PIPE)  # noqa: S603 - an argument list, no shell
    # Its start is no part of what is measured.
    lab.watch_for(_STARTS)

    def remove() -> float:
        since = time.monotonic()
        waiting.communicate(f"addr del {_OWN} dev eth0\n".encode())
        return since

    found = _takeover(lab, remove)
    a.ip(f"addr add {_OWN} brd + dev eth0")
    return found


def _stopped(lab: Lab) -> _Takeover:
    daemon = lab.hosts["a"].daemon

    def stop() -> float:
        since = time.monotonic()
        daemon.terminate(_PATIENCE)
        return since

    found = _takeover(lab, stop)
    daemon.start()
    return found


_FAULTS: Mapping[str, Callable[[Lab], _Takeover]] = {
    "last address removed": _removed,
    "control, sidecar stopped": _stopped,
}


def _measure(prefix: int, promote: int, runs: int) -> dict[str, list[_Takeover]]:
    """Let both faults happen in turn in one lab."""
    found: dict[str, list[_Takeover]] = {name: [] for name in _FAULTS}
    setup = Setup(interval=_INTERVAL, router={"addresses": [f"{VIP}/{prefix}"], "damping": False})
    with Lab(setup, every=CLOSELY) as lab:
        setting = f"net.ipv4.conf.eth0.promote_secondaries={promote}"
        lab.hosts["a"].namespace.run("sysctl", "-qw", setting)
        lab.start()
        for run, (name, fault) in product(range(runs), _FAULTS.items()):
            steady(lab)
            lab.watch_for(phase(run, _INTERVAL))
            seen = fault(lab)
            found[name].append(seen)
            figures = f"advert {seen.advert * 1000:.0f} ms, answer {seen.answer * 1000:.0f} ms"
            sys.stderr.write(f"/{prefix}, promote {promote}, {name} {run + 1}/{runs}: {figures}\n")
    return found


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.address_lost", description="Measure the loss of the last address."
    )
    parser.add_argument("--runs", type=int, default=10, help="of each fault (default 10)")
    parser.add_argument("--prefix", type=int, nargs="+", choices=(24, 32), default=(24, 32))
    parser.add_argument("--promote", type=int, nargs="+", choices=(0, 1), default=(0, 1))
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table; 1 if a median is beyond the bound."""
    wish, rows = _arguments(argv), []
    for prefix, promote in product(wish.prefix, wish.promote):
        for name, seen in _measure(prefix, promote, wish.runs).items():
            for what, samples in (
                ("advert of b", [each.advert for each in seen]),
                ("answer of b", [each.answer for each in seen]),
            ):
                title = f"/{prefix}, `promote_secondaries={promote}`, {name}: {what}"
                rows.append(summarise(Measure(title, _BOUND), samples))
    sys.stdout.write(markdown(rows))
    if wish.json:
        write_json(wish.json, rows)
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
