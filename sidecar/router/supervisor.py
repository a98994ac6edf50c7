"""Keeps an observer alive: started, greeted, watched, and started again.

An observer that has ended, is silent, or sends what makes no sense, is killed and replaced, after a pause
that doubles. Its verdicts hold for as long as the core believes it (core/health/verdicts.py).
"""

import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from typing import Final

from sidecar.channel.down import Down, Hello, Level
from sidecar.channel.endpoint import Hungup, pair
from sidecar.channel.reload import Exchanged, Prepared, ReloadAsked
from sidecar.channel.up import Alive, FreshResults, Look, Ready, Up
from sidecar.core.events import HookEnded
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.observer_events import (
    CheckVerdict,
    ObserverBack,
    ObserverEvent,
    ObserverSilent,
    ObserverStarted,
)
from sidecar.event_loop import EventLoop, Timer
from sidecar.router.backoff import Backoff
from sidecar.router.conversation import Conversation
from sidecar.router.handed import Handed
from sidecar.router.observer_process import Started, Starter, start_observer
from sidecar.router.plan_handover import PlanHandover

LOOK: Final = 1.3
"""Seconds between two looks, or less."""
_SLACK: Final = 0.2
"""Seconds by which a look may be late on a busy machine."""
OWED: Final = 1.3
"""Seconds without a word, which answers each sign of life of ours, after which one is owed."""
QUIET: Final = 1.5
"""Seconds without a word after which the core is told of the silence."""
PATIENCE: Final = 2.2
"""Seconds without a word after which an observer is replaced: soon enough for most `max_age`."""
BEGINNING: Final = 30.0
"""Seconds that the first one may need to be at work, on a machine that has to read it from a slow disk."""
BEGINNING_AGAIN: Final = 6.0
"""The same of the next ones, which is less than the silence that the core bears (core/health/verdicts.py).

It doubles with each that was not at work by then: killing it again and again keeps a busy machine busy.
"""
_DYING: Final = 1.0
"""Seconds from closing the channel to being dead."""


Heard = ObserverEvent | DrainAsked | UndrainAsked | HookEnded
"""What the core should know."""


class Supervisor:
    """For the thread of the loop. `hear` gets what the core should know; `greeted` follows a start.

    `verdicts` returns what the core believes of the checks, from which a new observer goes on. `count` gets
    the reason when one is lost: not_started, ended, silent, hung_up or nonsense.
    """

    def __init__(
        self,
        loop: EventLoop,
        handed: Handed,
        hear: Callable[[Heard], None],
        verdicts: Callable[[], tuple[CheckVerdict, ...]],
        greeted: Callable[[], None],
        count: Callable[[str], None],
        starter: Starter = start_observer,
    ) -> None:
        self._loop = loop
        self._hear = hear
        self._verdicts = verdicts
        self._greeted = greeted
        self._count = count
        self._starter = starter
        self._early = handed.early
        self._backoff = Backoff()
        self._process: Started | None = None
        self._again: Timer | None = None
        self._began = self._heard_at = self._looked_at = loop.clock()
        self._ready = self._silent = self._killed = self._ending = False
        self._beginning = BEGINNING
        self.wish: Callable[[ReloadAsked], None] = _nothing
        """Gets each wish to reload."""
        self.looked: Callable[[Look], None] = lambda _: None
        """Called with each question how things stand."""
        self.talk = Conversation(loop, handed.names, self._take, self._nonsense, self._hung_up)
        self._plans = PlanHandover(self.talk, handed)
        self.restarts = -1
        """Observers before this one."""

    @property
    def pid(self) -> int | None:
        """Process id of the observer, None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def at_work(self) -> bool:
        """Whether there is an observer that has said so lately."""
        return self._process is not None and self._ready and not self._killed and not self._silent

    def begin(self) -> None:
        """Start an observer. It is greeted at once, and says when it is ready."""
        self._again = None
        if self._ending:
            return
        self.restarts += 1
        self._began = self._heard_at = self._loop.clock()
        self._ready = self._killed = False
        early, self._early = self._early, None
        try:
            end, self._process = self._new() if early is None else (early.end, early.process)
        except OSError as error:
            self._retry("not_started", f"the observer cannot be started: {error}")
            return
        self._loop.watch(self._process.pidfd, self._died)
        self._greet(end)

    def look(self, now: float) -> bool:
        """Notice a silence. Return whether a word is owed: then it is to be called again soon.

        To be called every LOOK seconds at least: a call that is late says that we stood still.
        """
        late = now - self._looked_at - LOOK
        self._looked_at = now
        if late > _SLACK:  # nothing could be heard, and the observer may have stood still with us
            self._heard_at = min(now, self._heard_at + late)
        if self._process is None or self._killed:
            return False
        quiet = now - self._heard_at
        if self._ready and quiet >= QUIET and not self._silent:
            self._silence(self._heard_at)
        if quiet >= (PATIENCE if self._ready else self._beginning):
            if not self._ready:
                self._beginning = min(BEGINNING, 2 * self._beginning)
            self._kill("silent", f"it has said nothing for {quiet:.0f} s")
        self.talk.tell_losses()
        return quiet >= OWED

    def prepare(self, number: int, handed: Handed, prepared: Callable[[str], None]) -> None:
        """Give the observer a plan that does not count yet. `prepared` gets why it cannot have it, or "".

        Where there is no observer the next one gets it, when it counts.
        """
        at_work = self._process is not None and self._ready and not self._killed
        self._plans.prepare(number, handed, prepared, at_work=at_work)

    def abandon(self) -> None:
        """That plan will never count."""
        self._plans.abandon()

    def commit(self) -> None:
        """That plan counts, for the present observer and for those that follow."""
        if not self._plans.commit():
            self._kill("reload", "the next one gets the new plan")

    def finish(self) -> None:
        """Start no more: the end is near."""
        self._ending = True
        if self._again is not None:
            self._again.cancel()

    def close(self) -> None:
        """Kill the observer."""
        self.finish()
        if self._process is not None:
            self._process.kill()
        self._let_go()
        if self._early is not None:
            self._early.dismiss()
            self._early = None

    def _new(self) -> tuple[socket.socket, Started]:
        ours, theirs = pair()
        with theirs:
            return ours, self._starter(theirs.fileno())

    def _greet(self, end: socket.socket) -> None:
        handed = self._plans.present
        first: list[Down] = [*handed.checks, *self._verdicts(), *handed.pieces]
        try:
            with handed.icmp.opened() as sockets:
                self._plans.begin(sockets)
                hello = Hello(self.restarts, len(sockets.ipv4), len(sockets.ipv6))
                self.talk.open(end, hello, sockets, first)
        except Hungup as error:
            self._kill("hung_up", f"it cannot be greeted: {error}")
            return
        self._greeted()

    def _died(self) -> None:
        process = self._process
        if process is None:
            return
        if not self._killed:
            self.talk.read()  # what it said before
        status = process.status()
        self._let_go()
        self._plans.lost()
        if not self._ending:
            how = "" if status is None else f" ({_how(status)})"
            self._retry("ended", f"the observer has ended{how}")

    def _hung_up(self) -> None:
        """Its end follows, if it is dying. If not, it is of no use."""
        self._loop.call_later(_DYING, partial(self._still_there, self._process))

    def _still_there(self, process: Started | None) -> None:
        if process is self._process:
            self._kill("hung_up", "it has closed the channel")

    def _nonsense(self, why: str) -> None:
        self._kill("nonsense", why)

    def _kill(self, reason: str, why: str) -> None:
        """Kill it; its end is noticed as every end is."""
        if self._process is None or self._killed or self._process.ended:
            return
        self._killed = True
        if not self._ending:
            self._fault(reason, f"the observer is killed: {why}")
        self.talk.close()
        self._process.kill()

    def _retry(self, reason: str, why: str) -> None:
        """Try again after a pause."""
        if self._ending:
            return
        now = self._loop.clock()
        if not self._silent:
            self._silence(min(now, self._heard_at))
        pause = self._backoff.after(now - self._began)
        self._fault(reason, f"{why}; the next one is started in {pause:.1f} s")
        self._again = self._loop.call_later(pause, self.begin)

    def _fault(self, reason: str, detail: str) -> None:
        self._count(reason)
        self.talk.say(Level.ERROR, "observer_lost", reason=reason, detail=detail)

    def _let_go(self) -> None:
        self.talk.close()
        if self._process is not None:
            self._loop.forget(self._process.pidfd)
            self._process.status()
            os.close(self._process.pidfd)
            self._process = None

    def _take(self, message: Up) -> None:
        self._heard_at = self._loop.clock()
        match message:
            case Ready() if not self._ready:
                self._ready, self._silent = True, False
                self._beginning = BEGINNING_AGAIN
                self._hear(ObserverStarted())
            case CheckVerdict() | DrainAsked() | UndrainAsked() | HookEnded():
                self._hear(message)
            case FreshResults():
                self._hear(self._plans.translated(message.event))
            case ReloadAsked():
                self.wish(message)
            case Prepared() | Exchanged():
                self._plans.take(message)
            case Look():
                self.looked(message)
            case Alive() | Ready():
                pass
        if self._ready and self._silent:
            self._silent = False
            self._hear(ObserverBack())

    def _silence(self, since: float) -> None:
        self._silent = True
        self._hear(ObserverSilent(since))


def _nothing(_: ReloadAsked) -> None:
    """Nobody can reload yet."""


def _how(status: int) -> str:
    if status == -signal.SIGKILL:
        return "killed by signal 9; if memory ran out, raise `mem_limit`"
    return f"exit status {status}" if status >= 0 else f"killed by signal {-status}"
