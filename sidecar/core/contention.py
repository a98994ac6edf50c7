"""The waiting of a backup: for which master, how long, and why it ends."""

from sidecar.core.down_timer import DownTimer
from sidecar.core.hearing import Heard
from sidecar.core.params import OWNER, Address, RouterParams
from sidecar.core.preemption import Preemption, Verdict
from sidecar.core.snapshot import MasterSeen
from sidecar.core.takeover import Takeover, decide


class Contention:
    """The candidacy of one router. Times are seconds of the core's clock."""

    def __init__(self, params: RouterParams) -> None:
        self.params = params
        self.timer = DownTimer(params.interval, version=params.version)
        self._preemption = Preemption(params)
        self._leaver: Address | None = None

    def begin(self, now: float) -> None:
        """Listen as if nobody had been heard yet: a whole master-down interval of our own."""
        self._preemption.reset()
        self.timer.restart(now, self.params.interval)

    def begin_again(self, now: float, interval: float | None = None) -> None:
        """Listen for a master of this interval, in seconds; None: of the interval that was learnt."""
        self.timer.restart(now, self.timer.interval if interval is None else interval)

    def hear(self, heard: Heard, mine: int, now: float) -> bool:
        """Take an advertisement, given our own priority. Return whether to follow its sender."""
        advert, source, before = heard.advert, heard.source, heard.before
        if advert.priority == 0:
            if before is None or before.source == source or now - before.heard_at > 2 * self.timer.interval:
                self._leaver = source
                self.timer.hasten(now, mine)
            return False
        match self._preemption.judge(advert, source, before, mine, now):
            case Verdict.FOLLOW:
                self.timer.restart(now, advert.interval)
                return True
            case Verdict.REPLACE:
                self.timer.hasten(now, mine)
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
        return decide(mine, master, self._leaver, self.timer, now)
