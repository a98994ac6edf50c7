"""The events of the failover table: what is done to host a, and what is measured, once per run."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bench.statistics import Measure
from tests.netns.lab import Lab
from tests.netns.sightings import longest_gap

_SETTLE = 0.5
"""Seconds to look on after the new host has answered: a second gap counts too."""
_STEADY = 0.5
_GOLDEN = 0.618034
_LOOK_ON = 6.0
"""Seconds to wait for something that the daemon under test may never do."""

Result = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of fault. `run` does it once in a steady lab, returns a value per measure, and heals it."""

    name: str
    measures: Mapping[str, Measure]
    run: Callable[[Lab], Result]
    interval: float = 1.0


def phase(run: int, interval: float) -> float:
    """Seconds to wait before a fault: they spread evenly over the interval, whatever the number of runs."""
    return run * _GOLDEN % 1 * interval


def steady(lab: Lab) -> None:
    """Wait until host a alone holds the VIP and has answered alone for a while."""
    deadline = time.monotonic() + 6 * lab.setup.interval + 20
    while time.monotonic() < deadline:
        mark = lab.client.mark
        time.sleep(_STEADY)
        seen = lab.client.since(mark)
        if seen and all(answer.who == "a" for answer in seen) and lab.holders() == ["a"]:
            return
    raise TimeoutError("host a did not come to serve alone")


def _gap_until_b(lab: Lab, mark: int, since: float) -> float:
    lab.await_server("b", mark=mark)
    time.sleep(_SETTLE)
    return longest_gap(lab.client.since(max(0, mark - 1000)), since)


def _nginx_killed(lab: Lab) -> Result:
    mark, since = lab.client.mark, time.monotonic()
    lab.hosts["a"].nginx.kill()
    gap = _gap_until_b(lab, mark, since)
    lab.hosts["a"].nginx.start()
    return {"gap": gap}


def _nginx_hung(lab: Lab) -> Result:
    mark, since = lab.client.mark, time.monotonic()
    lab.hosts["a"].nginx.hang()
    try:
        return {"gap": _gap_until_b(lab, mark, since)}
    finally:
        lab.hosts["a"].nginx.resume()


def _terminated(lab: Lab) -> Result:
    mark, since = lab.client.mark, time.monotonic()
    _, took = lab.hosts["a"].daemon.terminate(5)
    gap = _gap_until_b(lab, mark, since)
    lab.hosts["a"].daemon.start()
    return {"gap": gap, "exit": took}


def _cut_off(lab: Lab) -> Result:
    mark, since = lab.client.mark, time.monotonic()
    with lab.lan.cut_off("a"):
        return {"gap": _gap_until_b(lab, mark, since)}


def _failback(lab: Lab) -> Result:
    host = lab.hosts["a"]
    mark = lab.client.mark
    host.daemon.terminate(5)
    lab.await_server("b", mark=mark)
    time.sleep(_SETTLE)
    mark, since = lab.client.mark, time.monotonic()
    host.daemon.start()
    lab.await_server("a", within=30, mark=mark)
    time.sleep(_SETTLE)
    return {"gap": longest_gap(lab.client.since(mark), since), "both": lab.overlap(since)}


@contextmanager
def _without_daemon(lab: Lab, *, stopped: bool) -> Iterator[None]:
    daemon = lab.hosts["a"].daemon
    if stopped:
        daemon.hang()
    else:
        daemon.kill()
    try:
        yield
    finally:
        if stopped:
            daemon.resume()
        else:
            daemon.start()


def _silenced(lab: Lab, *, stopped: bool) -> Result:
    mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
    with _without_daemon(lab, stopped=stopped):
        removed = math.inf
        with suppress(TimeoutError):
            removed = lab.await_removed("a", _LOOK_ON, seen).at - since
        gap = _gap_until_b(lab, mark, since)
        both = lab.overlap(since)
    return {"gap": gap, "removed": removed, "both": math.inf if math.isinf(removed) else both}


def _killed(lab: Lab) -> Result:
    return _silenced(lab, stopped=False)


def _stopped(lab: Lab) -> Result:
    return _silenced(lab, stopped=True)


def _silenced_measures(signal: str) -> Mapping[str, Measure]:
    # At 1 s: lease and lateness of the kernel; LAN delay and our lateness (docs/failover.md).
    return {
        "gap": Measure(f"sidecar {signal}: gap", 3.16),
        "removed": Measure(f"sidecar {signal}: until the VIP left that host", 2.35, every=True),
        "both": Measure(f"sidecar {signal}: two hosts held the VIP", 0.07, every=True),
    }


EVENTS = (
    Event("nginx-killed", {"gap": Measure("nginx killed", 0.15)}, _nginx_killed),
    Event("nginx-hung", {"gap": Measure("nginx hung", 0.8)}, _nginx_hung),
    Event(
        "sigterm",
        {
            "gap": Measure("sidecar stopped (SIGTERM)", 0.12),
            "exit": Measure("sidecar stopped: until it exited", 1.0, every=True),
        },
        _terminated,
    ),
    Event("cut-off", {"gap": Measure("host cut off, A = 1 s", 3.16)}, _cut_off),
    Event("cut-off-fast", {"gap": Measure("host cut off, A = 100 ms", 0.36)}, _cut_off, interval=0.1),
    Event(
        "failback",
        {
            "gap": Measure("failback of the better host", 0.02),
            "both": Measure("failback: two hosts held the VIP", 0.07, every=True),
        },
        _failback,
    ),
    Event("sigkill", _silenced_measures("SIGKILLed"), _killed),
    Event("sigstop", _silenced_measures("SIGSTOPped"), _stopped),
)
