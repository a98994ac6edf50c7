"""Times for which nobody serves after a stop and after a crash, with these settings. Pure.

A backup knows them of itself: it is its own priority that makes it wait.
"""

from dataclasses import dataclass
from typing import Final

from sidecar.core.params import (
    ADOPTION_INTERVAL,
    LOOP_LATENESS,
    PAIR,
    RouterParams,
    lease_seconds,
    master_down_interval,
    skew,
)
from sidecar.core.wire.constants import V2

GOOD: Final = 240
"""The priority of the standby in all examples: its wait is a sixteenth of an interval."""

LOADING: Final = 0.25
"""Seconds without which no start is counted on: processor time that the router loads (docs/failover.md)."""


@dataclass(frozen=True, slots=True)
class MoveCosts:
    """Of one virtual router. `interval` in seconds; `priority` is that of the host that is backup then."""

    priority: int
    interval: float
    version: int
    hosts: int | None

    @property
    def stop(self) -> float:
        """Seconds from a resignation (a stop, a failed check) to the takeover."""
        return 0.0 if self.hosts == PAIR else self.skew

    @property
    def crash(self) -> float:
        """Seconds from the last advert of a master that died in silence to the takeover."""
        return master_down_interval(self.priority, self.interval, self.version)

    @property
    def restart(self) -> float | None:
        """Seconds from a kill within which a new process must have renewed the lease to be missed by nobody.

        The start is a part of them. The last renewal may be as old as an interval, and came late by the
        latency of the loop. None: at this interval no VIP is adopted, or no start is that fast.
        """
        if self.interval < ADOPTION_INTERVAL:
            return None
        left = round(lease_seconds(self.interval, self.version) - self.interval - LOOP_LATENESS, 3)
        return left if left >= LOADING else None

    @property
    def skew(self) -> float:
        """Skew_Time of the backup."""
        return skew(self.priority, self.interval, self.version)

    @property
    def alone(self) -> float:
        """Seconds at most without a VIP if only the sidecar dies: the kernel has it for the lease."""
        return max(0.0, self.crash - lease_seconds(self.interval, self.version))

    @property
    def sentence(self) -> str:
        """Both as this host, the backup, knows them, and what makes a stop cost less."""
        return f"{self._of_a_stop}; a crash costs up to {span(self.crash)}, {self._of_a_restart}"

    @property
    def served(self) -> str:
        """Both as the host that serves knows them: the priority of the backup is not on the wire."""
        unit = 1.0 if self.version == V2 else self.interval
        stop = (
            "0 ms (`hosts: 2`)"
            if self.hosts == PAIR
            else f"the skew of the backup, (256 - its priority) / 256 of {span(unit)}"
        )
        first, last = (master_down_interval(each, self.interval, self.version) for each in (254, 1))
        crash = f"a crash costs up to {span(first)} to {span(last)}, by that priority"
        return f"a stop here costs {stop}; {crash}, {self._of_a_restart}"

    @property
    def _of_a_stop(self) -> str:
        told = f"a stop of the master costs {span(self.stop)}"
        if self.hosts == PAIR:
            return f"{told} (`hosts: 2`)"
        less = ["`hosts: 2` makes that 0 ms"]
        if self.priority < GOOD:
            less.append(f"priority {GOOD} {span(skew(GOOD, self.interval, self.version))}")
        return f"{told} because the priority here is {self.priority}: {', '.join(less)}"

    @property
    def _of_a_restart(self) -> str:
        if self.restart is None:
            return "also if its sidecar is started again at once"
        return f"nothing if a new process has renewed the lease within {span(self.restart)}"


def span(seconds: float) -> str:
    """Return a wait in words: `62 ms`, `3.06 s`, `1 s`."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{round(seconds, 2):g} s"  # noqa: PLR2004


def costs_of(router: RouterParams) -> MoveCosts:
    """Return those of a router whose checks pass, when it is the backup."""
    return MoveCosts(router.priority, router.interval, router.version, router.hosts)


_HEAD: Final = (
    "`advert_interval`",
    "priority of the backup",
    "stop, failed check",
    "the same with `hosts: 2`",
    "host lost",
    "sidecar killed",
    "killed, lease renewed within",
)


def table() -> str:
    """Return the table of the documents: what stops and crashes cost with some settings."""
    rows = [_HEAD, ("---", *["--:"] * (len(_HEAD) - 1))]
    for interval, priorities in ((1.0, (250, 240, 200, 100, 90, 1)), (0.1, (240, 90)), (0.01, (240, 90))):
        for priority in priorities:
            costs = MoveCosts(priority, interval, 3, None)
            pair = MoveCosts(priority, interval, 3, PAIR)
            waits = map(span, (costs.stop, pair.stop, costs.crash, costs.alone))
            restart = "-" if costs.restart is None else f"{span(costs.restart)}: 0 ms"
            rows.append((span(interval), str(priority), *waits, restart))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
