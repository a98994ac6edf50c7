"""The waiting of a backup: for which master, how long, and why it ends.

Anybody can say farewell in a master's name. Who serves on although we took over upon its farewell has
not said it. From then on we are deaf to its farewells until a master-down interval has passed: a flood
of forged ones starts no more elections than silence would.
"""

from math import inf
from typing import Final

from sidecar.core.down_timer import DownTimer
from sidecar.core.hearing import Heard
from sidecar.core.params import OWNER, Address, RouterParams, master_down_interval
from sidecar.core.preemption import Preemption, Verdict
from sidecar.core.snapshot import MasterSeen
from sidecar.core.takeover import Takeover, decide

LATE: Final = 0.05
"""Seconds by which a master that has not left may be late with its next advert.

Nobody who has left is back so soon, except the owner of the addresses, who waits for nobody: his next
farewell within a master-down interval is not believed, and is as slow as a crash.
"""


class Contention:
    """The candidacy of one router. Times are seconds of the core's clock."""

    def __init__(self, params: RouterParams) -> None:
        self.params = params
        self.timer = DownTimer(params.interval, version=params.version)
        self._preemption = Preemption(params)
        self._leaver: Address | None = None
        self._hurried_at = -inf
        self._deaf_until = -inf

    def begin(self, now: float) -> None:
        """Listen as if nobody had been heard yet: a whole master-down interval of our own."""
        self._preemption.reset()
        self.timer.restart(now, self.params.interval)

    def begin_again(self, now: float) -> None:
        """Listen for a master of the interval that was learnt."""
        self.timer.restart(now, self.timer.interval)

    def deposed(self, source: Address, interval: float, mine: int, now: float) -> None:
        """We served, and a better master of this interval, in seconds, was heard: wait for that one."""
        self.timer.restart(now, interval)
        self._suspect(source, mine, now)

    def hear(self, heard: Heard, mine: int, now: float) -> bool:
        """Take an advertisement, given our own priority. Return whether to follow its sender."""
        advert, source, before = heard.advert, heard.source, heard.before
        if advert.priority == 0:
            if before is None or before.source == source or now - before.heard_at > 2 * self.timer.interval:
                self._hasten(source, mine, now)
            return False
        match self._preemption.judge(advert, source, before, mine, now):
            case Verdict.FOLLOW:
                self.timer.restart(now, advert.interval)
                self._suspect(source, mine, now)
                return True
            case Verdict.REPLACE:
                self._hasten(source, mine, now)
            case Verdict.OUTWAIT:
                pass
        return False

    def takeover_at(self, mine: int, master: MasterSeen | None, since: float) -> float:
        """When to take over. The owner of the addresses, backup `since`, waits for nobody but an owner."""
        if mine == OWNER and (master is None or master.priority < OWNER):
            return since
        return self.timer.deadline(mine)

    def decide(self, mine: int, master: MasterSeen | None, now: float) -> Takeover:
        """Take over, and say why."""
        self._hurried_at = now if self.timer.hastened else -inf
        return decide(mine, master, self._leaver, self.timer, now)

    def _hasten(self, leaver: Address, mine: int, now: float) -> None:
        if now >= self._deaf_until or leaver != self._leaver:
            self._leaver = leaver
            self.timer.hasten(now, mine)

    def _suspect(self, source: Address, mine: int, now: float) -> None:
        """A master was heard: perhaps the one that seemed to leave, sooner than it can be back."""
        interval = self.timer.interval
        if source == self._leaver and now - self._hurried_at <= interval + LATE:
            wait = master_down_interval(mine, interval, self.params.version)
            self._deaf_until = self._hurried_at + wait
