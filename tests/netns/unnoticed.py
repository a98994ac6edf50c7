"""Was a sidecar that was killed and started again noticed by anybody? Judged by a client and the witness.

And has it gone on, if it came within the lease? A machine may be too slow for that. So the next process is
judged by when it has decided, which its log says: with some of the lease left there is one right decision.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from tests.log_lines import log_lines
from tests.netns.lab import wait_until
from tests.netns.sightings import Answer, Sighting, servers

LEASE: Final = 2.0
"""Seconds of the lease at an interval of 1 s."""
_MUCH: Final = 0.4
_LATE: Final = 0.1
_SOME: Final = 0.2
"""Seconds left of a lease with which it is gone on with: the sidecar's 0.05 s, and a witness that is late."""
SOON: Final = 0.5
"""Seconds from the death of a process within which a supervisor starts the next one, as is promised."""


_DECISIONS: Final = ("adopted", "not_adopted", "transition")
ADOPTED: Final = "adopted"


Decision = tuple[float, str]
"""When a new process has decided, by its own clock, and what: ADOPTED, or why it has not gone on."""


def decision(log: str, killed: float) -> Decision | None:
    """Return what the process after a kill has decided, None if its log does not say so yet. Unix seconds."""
    for said in log_lines(log):
        if said["event"] in _DECISIONS:
            at = datetime.fromisoformat(said["timestamp"]).timestamp()
            if at > killed:
                return at, _named(said)
    return None


def _named(said: dict[str, str]) -> str:
    if said["event"] == "not_adopted":
        return f"refused the VIP ({said['result']})"
    return ADOPTED if said["event"] == ADOPTED else f"began as {said['to']}, and found no VIP,"


def await_decision(log: Callable[[], str], killed: float, wall: float) -> Decision:
    """Wait until the log tells what `decision` returns, and return it by the clock of `killed`.

    `wall` is the moment of the kill in Unix seconds, read before `killed`: so a decision never seems earlier.
    """
    wait_until(lambda: decision(log(), wall) is not None, 10, "the next process says how it has begun")
    found = decision(log(), wall)
    assert found is not None
    return killed + found[0] - wall, found[1]


@dataclass(frozen=True, slots=True)
class Restart:
    """One restart of the sidecar of host a. Times are seconds.

    `age` of the lease in the moment of the kill; `pause` until the next process was started; `absent` until
    it renewed the lease, infinity: that was over before. `noticed` is what should not have been seen.
    `late` is the control: by how much the witness itself woke up late meanwhile. `wrong` is what no machine
    is too slow for: the VIP was not gone on with, though some of its lease was left then.
    """

    age: float
    pause: float
    absent: float
    requests: int
    noticed: tuple[str, ...]
    late: float = 0.0
    wrong: tuple[str, ...] = ()

    @property
    def fair(self) -> bool:
        """Whether the machine has let it be in time by much, and runs programs when they want to."""
        return self.age + self.absent < LEASE - _MUCH and self.late < _LATE

    @property
    def judged(self) -> bool:
        """Whether anything can be said of it: else the machine was too slow."""
        return self.fair or bool(self.wrong)

    @property
    def in_time(self) -> bool:
        """Whether the next process was there before the lease was over."""
        return self.absent < float("inf")

    def __str__(self) -> str:
        """Return it as a line of a report."""
        found = f"adopted {self.absent:.3f} s after the kill" if self.in_time else "not in time"
        seen = "; ".join((*self.wrong, *self.noticed)) or "noticed by nobody"
        began = f"killed {self.age:.3f} s after a renewal, started again {self.pause:.3f} s later"
        return f"{began}, {found}: {self.requests} requests, {seen}"

    @property
    def soon(self) -> bool:
        """Whether the supervisor has started the next process as soon as the promise asks for."""
        return self.pause <= SOON


def judged(
    vip: str,
    killed: float,
    started: float,
    answers: list[Answer],
    seen: list[Sighting],
    decided: Decision | None = None,
) -> Restart:
    """Return what became of a restart: `killed` and `started` then, with all that the witness has seen.

    `decided`: when the next process has decided, and what.
    """
    after = [each for each in seen if each.at > killed]
    renewed = max(each.at for each in seen if each.at <= killed and each.is_("added", "a", address=vip))
    ours = [each for each in after if each.kind in ("added", "removed") and each.about["address"] == vip]
    first = next((each for each in ours if each.host == "a"), None)
    in_time = first is not None and first.kind == "added"
    absent = first.at - killed if first is not None and in_time else float("inf")
    noticed = tuple(_noticed(answers, ours, after))
    late = max((each.about["by"] for each in after if each.kind == "late"), default=0.0)
    # The renewal may have been seen late, too: then more of the lease was over.
    doubt = max([0.0, *(each.about["by"] for each in seen if each.kind == "late" and each.at > renewed - 1)])
    over = renewed + LEASE - _SOME - doubt
    wrong = tuple(_wrong(over, first, decided))
    return Restart(killed - renewed, started - killed, absent, len(answers), noticed, late, wrong)


def _wrong(over: float, first: Sighting | None, decided: Decision | None) -> Iterable[str]:
    """Say what a process has done wrong before the lease was `over`. The kernel removes nothing before."""
    if decided is not None and decided[1] != ADOPTED and decided[0] < over:
        yield f"{decided[1]} with {over - decided[0] + _SOME:.3f} s of the lease left"
    if first is not None and first.kind == "removed" and first.at < over:
        yield f"removed the VIP with {over - first.at + _SOME:.3f} s of the lease left"


def _noticed(answers: list[Answer], ours: list[Sighting], after: list[Sighting]) -> Iterable[str]:
    failed = [each for each in answers if not each.who]
    if failed:
        yield f"{len(failed)} requests failed, the first with {failed[0].error}"
    if servers(answers) != ["a"]:
        yield f"answers of {servers(answers)}"
    if any(each.is_("removed", "a") for each in ours):
        yield "the VIP was removed"
    if any(each.is_("added", "b") for each in ours):
        yield "the other host took over"
    if any(each.is_("advert", priority=0) for each in after):
        yield "priority 0 was said"


def report(restarts: list[Restart]) -> str:
    """Return a line for each restart, and their number."""
    good = sum(not each.noticed for each in restarts)
    longest = max((each.absent for each in restarts if each.in_time), default=0.0)
    soon = [each for each in restarts if each.soon]
    of_these = sum(not each.noticed for each in soon)
    able = sum(each.judged for each in restarts)
    last = (
        f"{good} of {len(restarts)} noticed by nobody, {of_these} of the {len(soon)} that were started again "
        f"within {SOON} s; absent for {longest:.3f} s at most; the machine was fast enough to judge {able}"
    )
    starts = [each.absent - each.pause for each in restarts if each.in_time]
    took = (
        f"from the start of a process until it goes on: {median(starts):.3f} s in the median, "
        f"{min(starts):.3f} - {max(starts):.3f}"
        if starts
        else "none went on"
    )
    return "\n".join([*map(str, restarts), last, took])


def faults(restarts: list[Restart], *, strictly: bool) -> list[Restart]:
    """Return those that should not have been: of no machine, unless `strictly`, is it asked to be fast."""
    return [
        each for each in restarts if each.wrong or (each.noticed and (each.fair or (strictly and each.soon)))
    ]
