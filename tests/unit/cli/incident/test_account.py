"""What an account of many routers and events costs: as much for each event, however many there are."""

import gc
import time

from sidecar.cli.incident.account import account
from tests.unit.cli.incident.told import Event, down, move, pair, started, told, up

OFTEN = 8
"""Times that each router goes to the other host and back."""


def history(node: str, routers: int, first: bool) -> list[Event]:
    """The events of one host of a pair whose routers go back and forth because a check fails."""
    events = [started(0)]
    for turn in range(1, OFTEN + 1):
        for number in range(routers):
            at = turn * 40.0 + number / routers
            router = {"router": f"r{number}"}
            leaves = (turn % 2 == 0) == first
            cause = f"check c{number} failed: refused"
            left = [down(at, f"c{number}", failing_seconds=0.1, unsure_seconds=1.0)]
            left.append(move(at + 0.001, "MASTER", "BACKUP", "health", cause) | router)
            came = [
                up(at, f"c{number}"),
                move(at + 0.07, "BACKUP", "MASTER", "priority_zero", f"{node} resigned", took_ms=64.0)
                | router,
            ]
            events += left if leaves else came
    return events


def cost(routers: int) -> float:
    """Seconds of the processor for each router, the least of three tries."""
    one = told("a", *history("b", routers, first=True), now=1000.0)
    other = told("b", *history("a", routers, first=False), now=1000.0)
    spent = []
    for _ in range(3):
        gc.collect()
        before = time.process_time()
        found = account(pair(one, other), (), 1)
        spent.append(time.process_time() - before)
        assert found.known == routers * OFTEN
    return min(spent) / routers


def test_eight_times_as_many_routers_cost_eight_times_as_much() -> None:
    """To look at all events for each of them would cost 64 times as much."""
    few, many = cost(16), cost(128)
    assert many < 3 * few, (few, many)
