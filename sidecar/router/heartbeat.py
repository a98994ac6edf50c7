"""Signs of life of both processes, and pictures for those who look, in turns that the loop takes anyway.

A sign of life says that states and VIPs are still those that were told last. So a picture is told, too, when
one of them has changed.
"""

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Final

from sidecar.channel.down import Beat, RouterProcess
from sidecar.channel.send_queue import Importance
from sidecar.channel.up import Look
from sidecar.core.snapshot import Snapshot, Standing
from sidecar.event_loop import EventLoop, Timer
from sidecar.router.publisher import SPACING, Publisher
from sidecar.router.supervisor import Supervisor

BEAT: Final = 0.5
"""Seconds between two signs of life of the observer, with which comes what is done now and then."""
ALONE: Final = 0.05
"""Seconds to wait for a sign of life that is late before that is done without it."""
_EARLY: Final = 0.02
"""Seconds by which one may be early."""
TOLD: Final = 1.0
"""Seconds between two signs of life of ours."""
SETTLED: Final = 0.05
"""Seconds from a change to its picture: a takeover goes first, and one picture is enough for what follows."""
_SHARE: Final = 0.05
"""The part of a processor that pictures of many routers may take, however often somebody looks."""


class Heartbeat:
    """For the thread of the loop. `beaten` is called with each beat: what no event tells is looked at then.

    `standing` returns what a sign of life confirms, `present` all that may be shown.
    """

    def __init__(
        self,
        loop: EventLoop,
        supervisor: Supervisor,
        publisher: Publisher,
        beaten: Callable[[], None],
        standing: Callable[[], Standing],
        present: Callable[[], tuple[Snapshot, RouterProcess]],
    ) -> None:
        self._loop = loop
        self._supervisor = supervisor
        self._publisher = publisher
        self._beaten = beaten
        self._standing = standing
        self._present = present
        self._timer: Timer | None = None
        self._showing: Timer | None = None
        self._showing_at = inf
        self._beat_at = self._told_at = self._shown_at = -inf
        self._spacing = SPACING
        self._told: Standing | None = None
        self._asked = Look(0)
        supervisor.alive, supervisor.looked = self._alive, self._looked

    def beat(self) -> None:
        """Do it now, and again and again from now on."""
        now = self._beat_at = self._loop.clock()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(now + BEAT + ALONE, self.beat)
        self._supervisor.look(now)
        self._beaten()
        if now < self._told_at + TOLD - ALONE:
            return
        standing = self._standing()
        if standing != self._told:
            self.pulse()
        else:
            self._told_at = now
            self._supervisor.talk.tell(Beat(now, standing.drained_until), Importance.STATE, "beat")

    def changed(self) -> None:
        """Something that people look at has changed: tell it soon, whoever looks."""
        self._show_at(self._loop.clock() + SETTLED)

    def pulse(self) -> None:
        """Tell how things stand now."""
        self._told_at = self._shown_at = self._loop.clock()
        asked, self._asked = self._asked, Look(self._asked.number)
        self._told = self._standing()
        self._publisher.pulse(*self._present(), asked.number, totals=asked.totals)
        self._spacing = max(SPACING, (self._loop.clock() - self._shown_at) / _SHARE)

    def greeted(self) -> None:
        """A new observer knows nothing, and has asked nothing yet."""
        self._asked = Look(0)
        self._publisher.forget()
        self.pulse()

    def _alive(self) -> None:
        """The observer has said so. This turn is taken anyway, so that a beat costs no other one."""
        if self._loop.clock() >= self._beat_at + BEAT - _EARLY:
            self.beat()

    def _looked(self, question: Look) -> None:
        """Somebody looks: tell how things stand, soon."""
        asked = self._asked
        self._asked = Look(max(asked.number, question.number), asked.totals or question.totals)
        self._show_at(self._loop.clock())

    def _show_at(self, when: float) -> None:
        at = max(when, self._shown_at + self._spacing)
        if at < self._showing_at:
            if self._showing is not None:
                self._showing.cancel()
            self._showing_at, self._showing = at, self._loop.call_at(at, self._due)

    def _due(self) -> None:
        # At the end of the next turn: what this one has brought is in the picture then.
        self._loop.call_soon(partial(self._loop.call_soon, self._show))

    def _show(self) -> None:
        self._showing_at = inf
        self.pulse()
