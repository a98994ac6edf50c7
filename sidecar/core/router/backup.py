"""The waiting of a backup: for which master, how long, and why it ends.

Priority-zero adverts can be forged. If a master keeps advertising after we took over on its priority 0,
that advert is treated as forged, and further ones from it are ignored until a master-down interval has
passed: a flood of them starts no more elections than silence would. A master that we have handed the VIPs
back to meanwhile, by a resignation of our own, has not kept advertising: it is believed.

With `hosts: 2` there is no other backup to go first, so this one takes over at once when the master that
it follows resigns: at any priority, fit or not. Priority 0 of anybody else starts no takeover at once.
"""

from math import inf
from typing import Final

from sidecar.core.address import Address
from sidecar.core.params import PAIR, RouterParams, master_down_interval
from sidecar.core.priorities import OWNER, UNFIT_PRIORITY
from sidecar.core.router.peers import patience, serves
from sidecar.core.router.preemption import Verdict
from sidecar.core.router.receive import Heard
from sidecar.core.router.router_state import RouterState
from sidecar.core.router.takeover import Takeover, decide
from sidecar.core.snapshot import MasterSeen, Wait

LATE: Final = 0.05
"""Seconds by which a master that has not left may be late with its next advert.

A master that has left is not back so soon, unless the one that took over resigns in its turn. The exception
is the owner of the addresses, which does not wait: its next priority 0 within a master-down interval is
not believed, and is as slow as a crash.
"""


class BackupRole:
    """A router as Backup (RFC 9568 section 6.4.2): it waits, follows or preempts a master, and takes over.

    Times are seconds of the core's clock.
    """

    def __init__(self, params: RouterParams, state: RouterState) -> None:
        self.params = params
        self.router = state

    def begin(self, now: float, *, resigned: bool = False) -> None:
        """Listen as if nobody had been heard yet; after we have resigned, every other backup goes first."""
        self.router.preemption.reset()
        self.router.timer.restart(now, self.params.interval, Wait.AFTER_US if resigned else Wait.SILENCE)

    def hand_back(self) -> None:
        """We resign, at once or as soon as we can: whoever is heard then was asked to serve."""
        self.router.hurried_at = -inf

    def begin_again(self, now: float) -> None:
        """Listen for a master of the interval that was learnt."""
        self.router.timer.restart(now, self.router.timer.interval)

    def deposed(self, source: Address, interval: float, mine: int, now: float) -> None:
        """We served, and a better master of this interval, in seconds, was heard: wait for that one."""
        self.router.timer.restart(now, interval)
        self._suspect(source, mine, now)

    def hear(self, heard: Heard, mine: int, now: float, *, held: bool = False) -> bool:
        """Take an advertisement, given our priority and whether we are held down. True: follow its sender."""
        advert, source, before = heard.advert, heard.source, heard.before
        if advert.priority == 0:
            self._resigned(source, before, mine, now)
            return False
        self.router.timer.others_serve()
        match self.router.preemption.judge(advert, source, before, mine, now, held=held):
            case Verdict.FOLLOW:
                self.router.timer.restart(now, advert.interval)
                self._suspect(source, mine, now)
                return True
            case Verdict.REPLACE:
                self._hasten(source, mine, now)
            case Verdict.OUTWAIT:
                pass
        return False

    def takeover_at(self, mine: int, master: MasterSeen | None, since: float, *, held: bool = False) -> float:
        """When to take over. The owner of the addresses, backup `since`, waits for nobody but an owner.

        A node that is held down waits for any master that is fit, also for one that was heard before that.
        """
        if held and master is not None and master.priority > UNFIT_PRIORITY:
            theirs = patience(self.router.timer.interval, master.interval)
            silent = master_down_interval(mine, theirs, self.params.version)
            return max(self.router.timer.deadline(mine), master.heard_at + silent)
        if mine == OWNER and not held and (master is None or master.priority < OWNER):
            return since
        return self.router.timer.deadline(mine)

    def decide(self, mine: int, master: MasterSeen | None, now: float) -> Takeover:
        """Take over, and say why."""
        self.router.hurried_at = now if self.router.timer.hastened else -inf
        return decide(mine, master, self.router.leaver, self.router.timer, now)

    def _resigned(self, source: Address, before: MasterSeen | None, mine: int, now: float) -> None:
        """Priority 0. It counts from the master that we follow, or while no other one is heard."""
        if before is not None and before.source == source:
            self._hasten(source, mine, now, Wait.ALONE if self.params.hosts == PAIR else Wait.RESIGNED)
        elif before is None or not serves(before, self.router.timer.interval, now):
            self._hasten(source, mine, now)

    def _hasten(self, leaver: Address, mine: int, now: float, wait: Wait = Wait.RESIGNED) -> None:
        believed = now >= self.router.ignored_until or leaver != self.router.leaver
        if believed and self.router.timer.hasten(now, mine, wait):
            self.router.leaver = leaver

    def _suspect(self, source: Address, mine: int, now: float) -> None:
        """A master was heard: perhaps the one that seemed to leave, sooner than it can be back."""
        interval = self.router.timer.interval
        if source == self.router.leaver and now - self.router.hurried_at <= interval + LATE:
            wait = master_down_interval(mine, interval, self.params.version)
            self.router.ignored_until = self.router.hurried_at + wait
