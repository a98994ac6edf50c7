"""The daemon of host a is killed or frozen while its nginx is well."""

import math
import time

from bench.contest.contenders import Stage
from bench.contest.row import Result
from bench.contest.scenes.stage import gap, seen
from tests.netns.service import Service

_LOOK_ON = 4.0
"""Seconds to wait for something that a daemon may never do."""
_AFTER = 2.5
_UNNOTICED = 4.5
"""Seconds after a death within which a host that is not told of it has taken over."""
_RESTART = 0.1


def killed(stage: Stage) -> Result:
    """SIGKILL, and nobody starts it again while we look."""
    daemon, mark, saw, since = _now(stage)
    daemon.kill()
    found = _found(stage, mark, saw, since)
    daemon.start()
    # What nobody removes stays for as long as nobody looks.
    return found if math.isfinite(found["left"]) else {**found, "both": math.inf}


def frozen(stage: Stage) -> Result:
    """SIGSTOP, and four seconds later SIGCONT."""
    daemon, mark, saw, since = _now(stage)
    daemon.hang()
    try:
        _left(stage, saw, since)
    finally:
        daemon.resume()
    stage.watch_for(_AFTER)
    return _found(stage, mark, saw, since)


def restarted(stage: Stage) -> Result:
    """SIGKILL, and a start a tenth of a second later."""
    daemon, mark, _, since = _now(stage)
    daemon.kill()
    stage.watch_for(_RESTART)
    daemon.start()
    stage.watch_for(_UNNOTICED)
    failed = sum(not answer.who for answer in stage.client.since(mark))
    return {
        "failed": float(failed),
        "gap": gap(stage, mark, since),
        "nobody": _nobody(stage, since),
        "both": stage.overlap(since),
    }


def _now(stage: Stage) -> tuple[Service, int, int, float]:
    """Return the daemon of host a, what client and witness have seen so far, and the time."""
    return stage.hosts["a"].daemon, stage.client.mark, stage.witness.mark, time.monotonic()


def _found(stage: Stage, mark: int, saw: int, since: float) -> Result:
    left = _left(stage, saw, since)
    return {"gap": gap(stage, mark, since), "left": left, "both": stage.overlap(since)}


def _left(stage: Stage, saw: int, since: float) -> float:
    """Look on so long. Return the seconds until the VIP had left host a."""
    rest = _LOOK_ON - (time.monotonic() - since)
    gone = seen(stage, max(rest, 0.0), saw, "removed", "a", address=stage.setup.vip)
    stage.watch_for(max(0.0, _LOOK_ON - (time.monotonic() - since)))
    return math.inf if gone is None else gone.at - since


def _nobody(stage: Stage, since: float) -> float:
    """Return for how many seconds nobody had the VIP."""
    until = time.monotonic()
    spans = sorted((max(hold.start, since), min(hold.end, until)) for hold in stage.holds())
    held, at = 0.0, since
    for start, end in spans:
        held += max(0.0, end - max(start, at))
        at = max(at, end)
    return until - since - held
