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

BEAT: Final = 1.0
"""Seconds between two signs of life of ours, with which comes what is done now and then."""
SOON: Final = 0.25
"""The same while something is awaited: a word of an observer that owes one, or an answer on the LAN."""
ALONE: Final = 0.3
"""Seconds to wait for a turn that is taken anyway, before one is taken for this alone."""
_EARLY: Final = 0.02
"""Seconds by which such a turn may be early."""
SETTLED: Final = 0.05
"""Seconds from a change to its picture: a takeover goes first, and one picture is enough for what follows."""
_SHARE: Final = 0.05
"""The part of a processor that pictures of many routers may take, however often somebody looks."""


class Heartbeat:
    """For the thread of the loop. `beaten` is called with each beat: what no event tells is looked at then.

    It returns whether something is awaited. `standing` returns what a sign of life confirms, `present` all
    that may be shown.
    """

    def __init__(
        self,
        loop: EventLoop,
        supervisor: Supervisor,
        publisher: Publisher,
        beaten: Callable[[], bool],
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
        self._next_at = inf
        self._shown_at = -inf
        self._spacing = SPACING
        self._told: Standing | None = None
        self._asked = Look(0)
        supervisor.looked = self._looked

    def beat(self) -> None:
        """Do it now, and again and again from now on."""
        now = self._loop.clock()
        if self._timer is not None:
            self._timer.cancel()
        owes = self._supervisor.look(now)
        awaited = self._beaten() or owes
        self._next_at = now + (SOON if awaited else BEAT)
        self._timer = self._loop.call_at(self._next_at + (0.0 if awaited else ALONE), self.beat)
        standing = self._standing()
        if standing != self._told:
            self.pulse()
        else:
            self._supervisor.talk.tell(Beat(now, standing.drained_until), Importance.STATE, "beat")

    def ride(self) -> None:
        """A turn was taken, and all that was due in it is done: if a beat is near, it needs no other one."""
        if self._loop.clock() >= self._next_at - _EARLY:
            self.beat()

    def changed(self) -> None:
        """Something that people look at has changed: tell it soon, whoever looks."""
        self._show_at(self._loop.clock() + SETTLED)

    def pulse(self) -> None:
        """Tell how things stand now."""
        self._shown_at = self._loop.clock()
        asked, self._asked = self._asked, Look(self._asked.number)
        self._told = self._standing()
        self._publisher.pulse(*self._present(), asked.number, totals=asked.totals)
        self._spacing = max(SPACING, (self._loop.clock() - self._shown_at) / _SHARE)

    def greeted(self) -> None:
        """A new observer knows nothing, and has asked nothing yet."""
        self._asked = Look(0)
        self._publisher.forget()
        self.pulse()

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
