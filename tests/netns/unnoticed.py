"""Was a sidecar that was killed and started again noticed by anybody? Judged by a client and the witness."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from tests.netns.sightings import Answer, Sighting, servers

LEASE: Final = 2.0
"""Seconds of the lease at an interval of 1 s."""
_MUCH: Final = 0.4
_LATE: Final = 0.1
SOON: Final = 0.5
"""Seconds from the death of a process within which a supervisor starts the next one, as is promised."""


@dataclass(frozen=True, slots=True)
class Restart:
    """One restart of the sidecar of host a. Times are seconds.

    `age` of the lease in the moment of the kill; `pause` until the next process was started; `absent` until
    it renewed the lease, infinity: that was over before. `noticed` is what should not have been seen.
    `late` is the control: by how much the witness itself woke up late meanwhile.
    """

    age: float
    pause: float
    absent: float
    requests: int
    noticed: tuple[str, ...]
    late: float = 0.0

    @property
    def fair(self) -> bool:
        """Whether the machine has let it be in time by much, and runs programs when they want to."""
        return self.age + self.absent < LEASE - _MUCH and self.late < _LATE

    @property
    def in_time(self) -> bool:
        """Whether the next process was there before the lease was over."""
        return self.absent < float("inf")

    def __str__(self) -> str:
        """Return it as a line of a report."""
        found = f"adopted {self.absent:.3f} s after the kill" if self.in_time else "not in time"
        seen = "; ".join(self.noticed) or "noticed by nobody"
        began = f"killed {self.age:.3f} s after a renewal, started again {self.pause:.3f} s later"
        return f"{began}, {found}: {self.requests} requests, {seen}"

    @property
    def soon(self) -> bool:
        """Whether the supervisor has started the next process as soon as the promise asks for."""
        return self.pause <= SOON


def judged(vip: str, killed: float, started: float, answers: list[Answer], seen: list[Sighting]) -> Restart:
    """Return what became of a restart: `killed` and `started` then, with all that the witness has seen."""
    after = [each for each in seen if each.at > killed]
    renewed = max(each.at for each in seen if each.at <= killed and each.is_("added", "a", address=vip))
    ours = [each for each in after if each.kind in ("added", "removed") and each.about["address"] == vip]
    first = next((each for each in ours if each.host == "a"), None)
    in_time = first is not None and first.kind == "added"
    absent = first.at - killed if first is not None and in_time else float("inf")
    noticed = tuple(_noticed(answers, ours, after))
    late = max((each.about["by"] for each in after if each.kind == "late"), default=0.0)
    return Restart(killed - renewed, started - killed, absent, len(answers), noticed, late)


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
    last = (
        f"{good} of {len(restarts)} noticed by nobody, {of_these} of the {len(soon)} that were started again "
        f"within {SOON} s; absent for {longest:.3f} s at most"
    )
    starts = [each.absent - each.pause for each in restarts if each.in_time]
    took = (
        f"from the start of a process until it goes on: {median(starts):.3f} s in the median, "
        f"{min(starts):.3f} - {max(starts):.3f}"
        if starts
        else "none went on"
    )
    return "\n".join([*map(str, restarts), last, took])
