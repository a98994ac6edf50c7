"""The shell around the core: sense, decide, act, report. Nothing is decided here.

One thread speaks VRRP; workers of `net` wait for the kernel. Everything else, the observer does in a process
of its own: whatever hangs there delays no advert here.
"""

import gc
import sys
import traceback
from functools import partial
from math import inf
from typing import Final

from sidecar import __version__
from sidecar.channel.down import Level, RouterEnds, RouterProcess, StatusAsked
from sidecar.channel.package import Package
from sidecar.channel.send_queue import Importance
from sidecar.clock import clock
from sidecar.core.actions import Action, SendAdvert
from sidecar.core.events import Event, Started, StopRequested
from sidecar.core.health.observer_events import ObserverStarted
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.core.snapshot import Snapshot, Standing
from sidecar.core.stall import Stalled
from sidecar.event_loop import EventLoop, Timer
from sidecar.inbox import Inbox
from sidecar.net.network import Network
from sidecar.net.router_lock import Held, RouterLocks
from sidecar.router.commands import carried_out
from sidecar.router.handed import Handed
from sidecar.router.hands import RouterHands
from sidecar.router.heartbeat import Heartbeat
from sidecar.router.hook_desk import HookDesk
from sidecar.router.observer_process import Starter, reap_orphans
from sidecar.router.overhearing import Overhearing
from sidecar.router.process_facts import ProcessFacts
from sidecar.router.publisher import Publisher
from sidecar.router.readiness import AT_LATEST, Readiness
from sidecar.router.refusal import cannot_start
from sidecar.router.reload import Reload
from sidecar.router.reporter import RouterReporter
from sidecar.router.supervisor import Heard, Supervisor
from sidecar.router.tallies import Tallies
from sidecar.router.watched_turn import WatchedTurn
from sidecar.signals import Signals, name_of
from sidecar.wall_clock import WallClock

STOP_TIMEOUT: Final = 0.4
"""Seconds a requested stop may take after its hooks. VIPs that are left then expire with their lease."""
LAST_LINES: Final = 0.4
"""Seconds that the observer has to write what it was told, after the VIPs are gone."""
AFTER_LEASES: Final = 0.01
"""Seconds from listening to the start of the observer: VIPs of an earlier process come first."""
FIRST_VERDICTS: Final = 2.0
"""Seconds to wait for the first observer. Without it no check has a verdict, and the node is not fit."""


class _StoppedError(Exception):
    """A stop was requested while something was waited for. The text says by which signal."""


class RouterShell:
    """One life of the router: `run` returns the exit status of the process."""

    def __init__(
        self, params: NodeParams, handed: Handed, starter: Starter, file: str, package: Package
    ) -> None:
        self._loop = EventLoop()
        self._inbox = Inbox(self._loop)
        self._drain = package.drain
        self._locks = RouterLocks()
        self._node = Node(params, clock())
        self._tallies = Tallies()
        self._supervisor = Supervisor(
            self._loop,
            handed,
            self._hear,
            lambda: self._node.verdicts,
            self._greeted,
            partial(self._tallies.count, "errors_total", "observer"),
            starter,
        )
        self._talk = self._supervisor.talk
        self._hooks = HookDesk(self._supervisor, self._talk.tell, self._inbox.post, clock)
        self._reporter = RouterReporter(self._tallies, self._talk.tell)
        self._facts = ProcessFacts()
        self._publisher = Publisher(self._talk, self._tallies, clock())
        self._network = Network(
            params.routers, self._loop, clock, self._inbox.wake, self._inbox.post, self._trouble,
            self._reporter.unread,
        )  # fmt: skip
        self._readiness = Readiness(self._loop)
        self._overhearing = Overhearing(self._loop, self._talk, self._trouble, self._inbox.post)
        hands = RouterHands(
            self._node, self._network, self._locks, self._supervisor, self._publisher, self._reporter,
            self._perform, self._soon, self._pulse,
        )  # fmt: skip
        self._reload = Reload(self._loop, file, package, hands)
        self._supervisor.wish = lambda wish: self._reload.ask(wish.number, dry_run=wish.dry_run)
        self._signals = Signals(self._loop, self._stop, self._dump, self._reload.ask, self._ignored)
        self._due = -inf
        """When the core must be stepped."""
        self._waiting: Timer | None = None
        self._heart = Heartbeat(
            self._loop, self._supervisor, self._publisher, self._beat, self._standing, self._present
        )

    def run(self) -> int:
        """Run until a signal ends it. Return 0 after a clean stop, 1 after another, 2 if it cannot start."""
        try:
            return self._live()
        except _StoppedError as stopped:
            sys.stderr.write(f"{stopped} before it began\n")
            return 0
        except Held as held:
            return cannot_start(str(held))
        finally:
            self._supervisor.close()
            self._signals.close()
            self._locks.close()
            self._loop.close()

    def _live(self) -> int:
        say = self._talk.say
        warn = partial(say, Level.WARNING, "no_lock")
        # Before anything that a second sidecar could take away from the first one.
        self._locks.acquire(
            self._node.params.routers, lambda why: warn(detail=why), pause=self._wait_for_stop
        )
        self._locks.attend(self._loop)
        names = ", ".join(router.name for router in self._node.params.routers)
        say(Level.INFO, "started", version=__version__, routers=names)
        try:
            self._network.open()
        except OSError as refused:
            return cannot_start(f"the network cannot be used: {refused}")
        try:
            self._find_leases()
            gc.freeze()  # collecting takes 15 ms, and was done while the file was read
            gc.enable()
            self._serve()
        except Exception:  # noqa: BLE001 - whatever it is, the VIPs are released
            self._crashed("releasing the VIPs")
            return 1
        finally:
            self._supervisor.finish()
            self._reload.stop()
            left = self._network.abandon(self._resignations())
            for interface in left.interfaces:
                self._trouble("virtual_mac", "delete", interface)
            if left.vips:
                say(Level.WARNING, "stopped", detail=f"not released, will expire: {'; '.join(left.vips)}")
            else:
                say(Level.INFO, "stopped", detail="all VIPs released")
            self._network.close()
            self._overhearing.close()
            self._part()
        return 1 if left.vips else 0

    def _find_leases(self) -> None:
        """Tell the core what an earlier process has left: its first step decides what becomes of that."""
        if self._drain is not None:
            self._inbox.post(self._drain)
        try:
            found = self._network.found()
        except OSError as refused:
            self._trouble("netlink", "dump", f"VIPs of an earlier process cannot be read: {refused}")
            return
        if found is not None:
            self._inbox.post(found)

    # ---- the loop

    def _serve(self) -> None:
        wall, turn = WallClock(), WatchedTurn(self._loop)
        self._loop.call_later(AFTER_LEASES, self._supervisor.begin)
        self._waiting = self._loop.call_later(FIRST_VERDICTS, self._start)
        self._loop.call_later(AT_LATEST, self._readiness.tell)
        self._heart.beat()
        self._reload.begin()
        give_up = inf
        while not self._node.stopped and clock() < give_up:
            turn(-inf if self._inbox.waiting else self._due)
            if not self._inbox.take_woken() and clock() < self._due:
                self._heart.ride()
                continue
            events: list[Event] = [*wall.steps(), *self._network.hear(), *self._inbox.empty()]
            if self._inbox.refused:
                self._trouble("loop", "inbox_full", f"{self._inbox.refused} events were refused")
                self._inbox.refused = 0
            now = clock()
            if (stalled := turn.stalled()) > 0:
                self._stalled(stalled, events)
            if any(isinstance(event, StopRequested) for event in events):
                give_up = now + STOP_TIMEOUT + self._node.params.leaving_patience
                self._reload.stop()
            if events or now >= self._due:
                self._perform(self._node.step(events, now), now)
                self._due = min(self._node.deadline, give_up)
            self._heart.ride()
            self._reload.look()

    def _soon(self) -> None:
        self._due = -inf

    def _perform(self, actions: list[Action], now: float) -> None:
        """Carry out and report the actions of a step."""
        for answer in carried_out(actions, self._network, self._hooks, self._reporter):
            self._inbox.post(answer)
        if self._reporter.note(now, actions):
            self._heart.changed()

    def _hear(self, event: Heard) -> None:
        self._hooks.heard(event)
        self._inbox.post(event)
        if isinstance(event, ObserverStarted):
            self._start()
            self._readiness.tell()

    def _start(self) -> None:
        """Begin: checks are about to say whether this host is fit, or nobody says so in time."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            self._inbox.post(Started())

    def _stalled(self, seconds: float, events: list[Event]) -> None:
        self._talk.say(Level.INFO, "stall", seconds=f"{seconds:.3f}", detail="this process did not run")
        events.insert(0, Stalled(seconds))

    # ---- what is shown

    def _beat(self) -> bool:
        """Look at what no event tells (the clock, lost packets). Return whether the LAN owes an answer."""
        reap_orphans((self._supervisor.pid, self._reload.child))
        self._overhearing.look(self._standing(), self._node.params.routers, self._present)
        self._inbox.wake()
        return self._overhearing.curious

    def _standing(self) -> Standing:
        return self._node.standing(clock())

    def _present(self) -> tuple[Snapshot, RouterProcess]:
        return self._node.snapshot(clock()), self._facts.now(self._talk.lost, self._talk.malformed)

    def _pulse(self) -> None:
        self._heart.pulse()

    def _greeted(self) -> None:
        self._heart.greeted()

    def _trouble(self, component: str, reason: str, detail: str) -> None:
        self._reporter.trouble(clock(), component, reason, detail)

    # ---- the end

    def _resignations(self) -> dict[str, SendAdvert]:
        """Return the priority 0 of all MASTERs. A node that has crashed may be unable to say it."""
        try:
            return self._node.resignations(clock())
        except Exception:  # noqa: BLE001 - what is worse has happened already
            self._crashed("leaving without a resignation")
            return {}

    def _crashed(self, detail: str) -> None:
        text = traceback.format_exc()
        sys.stderr.write(text)
        self._talk.say(Level.ERROR, "crash", detail=detail, exception=text)

    def _part(self) -> None:
        """Tell the last, and give the observer a moment to write it."""
        now = clock()
        if self._talk.attended:
            self._pulse()
            self._publisher.count()
        self._talk.tell(RouterEnds(), Importance.VITAL)
        while self._supervisor.pid is not None and clock() < now + LAST_LINES:
            self._loop.turn(now + LAST_LINES)

    # ---- signals

    def _wait_for_stop(self, seconds: float) -> None:
        """Wait so long. Raises _StoppedError if a stop is requested meanwhile."""
        ends = clock() + seconds
        while clock() < ends:
            self._loop.turn(ends)
            for event in self._inbox.empty():
                if isinstance(event, StopRequested):
                    raise _StoppedError(event.detail)

    def _stop(self, number: int) -> None:
        self._inbox.post(StopRequested(f"stopped by {name_of(number)}"))

    def _ignored(self, number: int, why: str) -> None:
        self._talk.say(Level.WARNING, "signal_ignored", detail=f"{name_of(number)} ignored: {why}")

    def _dump(self) -> None:
        self._pulse()
        self._talk.tell(StatusAsked(), Importance.LINE)
