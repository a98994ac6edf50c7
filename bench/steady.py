"""Before each run: the same host serves, and the moment of the fault is at another phase of the interval."""

import time

from tests.netns.lab import Lab

_STEADY = 0.5
_GOLDEN = 0.618034


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
