"""The router process of a host: its life, its steps, and how it carries actions out.

It keeps the promises of the shell. A step first drains sockets and observations, then the answers; actions
are performed in order, and one with `not_after` only if the clock, read directly before it, allows. Freezing
the process stops all of this and nothing of the kernel.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Generic, TypeVar

from sidecar.core.actions import (
    Action,
    AdoptionDecided,
    Announce,
    CancelHook,
    Command,
    DropVips,
    HoldVips,
    Identify,
    PrioritizeSenders,
    RunHook,
    SendAdvert,
    Transition,
    TrySending,
)
from sidecar.core.events import ActionExpired, Event, StopRequested
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from tests.sim.host.egress import Egress
from tests.sim.host.event_loop import EventLoop
from tests.sim.host.reload import Reload
from tests.sim.host.watcher import Watcher
from tests.sim.kernel import Kernel
from tests.sim.life import Life
from tests.sim.timeline import Timeline

H = TypeVar("H")

STALLS = (0.05, 0.5, 2.0, 4.0)
"""How long a stall lasts, in intervals."""
STALLS_WHEN_MOVING = 20
"""By how much a stall is more probable after a step with a transition."""


@dataclass(slots=True, eq=False)
class Process(Generic[H]):
    """`host` is the one that the watcher is told of, `offset` what its clock is ahead of true time.

    `ended` is called when there is no process any more, with whether it had been asked to stop.
    """

    host: H
    watcher: Watcher[H]
    params: NodeParams
    kernel: Kernel
    egress: Egress
    timeline: Timeline
    rng: Random
    offset: float
    ended: Callable[[bool], None]
    hook: Callable[[RunHook | CancelHook], None] = lambda _: None
    """Carries out commands about hooks."""
    stall_chance: float = 0.0
    """Chance that it is stopped for a while between a decision and its first act."""
    node: Node | None = None
    frozen: bool = False
    stalled: bool = False
    """Whether it is stopped between a decision and its first act."""
    stopping: bool = False
    life: Life = field(default_factory=Life)
    born_at: float = -inf
    """True time at which it was started."""
    checked: bool = False
    """Whether a check has run since the last step."""
    reload: Reload = field(default_factory=Reload)
    loop: EventLoop = field(init=False)
    _todo: list[Action] = field(default_factory=list)
    _unheard: bool = False
    """Whether the last advertisement went to nobody."""
    _frozen_at: float = 0.0

    def __post_init__(self) -> None:
        self.loop = EventLoop(self.timeline, self.rng, self.life, self._turn)

    @property
    def clock(self) -> float:
        """Its input."""
        return self.timeline.now + self.offset

    @property
    def said(self) -> int:
        """The highest priority that a packet of this host may say which is still under way."""
        return self.reload.said(self.params, self.timeline.now)

    # ---- its life

    def begin(self, silence: float) -> None:
        """It has been started, and bears an observer that is silent for so many seconds."""
        self.life.next()
        self.loop.begin()
        self.born_at = self.timeline.now
        self.frozen = self.stopping = self.stalled = self.checked = False
        self._todo = []
        self.node = Node(self.params, self.clock, silence)

    def end(self, *, clean: bool = False) -> None:
        """It is killed, or has ended as it was asked to."""
        self.life.next()
        self.node = None
        self.params = self.reload.take() or self.params
        self.ended(clean)

    def freeze(self) -> None:
        """SIGSTOP."""
        if self.node is not None and not self.frozen:
            self.frozen, self._frozen_at = True, self.timeline.now
            self.watcher.frozen(self.host)

    def thaw(self) -> None:
        """SIGCONT: everything that waited arrives at once."""
        if self.node is not None and self.frozen:
            self.frozen = False
            halfway, self.stalled = self.stalled, False
            self.watcher.thawed(self.host, self.slept)
            if halfway:
                self._act()
            self.loop.wake()

    @property
    def slept(self) -> float:
        """Seconds since it was frozen last."""
        return self.timeline.now - self._frozen_at

    def stop(self) -> None:
        """SIGTERM."""
        self.stopping = True
        self.watcher.unready(self.host)
        self.tell(StopRequested("asked to stop"))

    def exchange(self, params: NodeParams) -> None:
        """SIGHUP: exchange the parameters, as soon as the process runs."""
        if self.node is None:
            self.params = params
            return
        self.reload.pending = params
        self.loop.wake()

    # ---- what arrives

    def sense(self, event: Event) -> None:
        """A packet or an observation: read from its socket at the next step."""
        if self.node is not None and not self.loop.full:
            self.watcher.arrives(self.host, event)
            self.loop.sensed.append(event)
            self.loop.wake()

    def tell(self, event: Event) -> None:
        """Anything that comes through the inbox."""
        if self.node is not None:
            self.loop.inbox.append(event)
            self.loop.wake()

    # ---- its steps

    def _turn(self) -> None:
        if self.frozen or self.stalled or self.node is None:
            return
        events = self.loop.take()
        checked, self.checked = self.checked, False
        now = self.clock
        self.watcher.before_step(self.host, events, now)
        actions = self.node.step(events, now)
        # What a packet brings about is told apart from what a reload does.
        actions += [] if events else self._exchange(self.node, now)
        self.watcher.stepped(self.host, events, actions, now)
        self._todo = actions
        moving = any(isinstance(action, Transition | AdoptionDecided) for action in actions)
        chance = self.stall_chance * (STALLS_WHEN_MOVING if moving else 1)
        if (actions or checked) and self.rng.random() < chance:
            self._stall()
        else:
            self._act()

    def _exchange(self, node: Node, now: float) -> list[Action]:
        """Take the next parameters, when no router is in the way; return what to do at once."""
        params = self.reload.pending
        if params is None or not node.ready_for(params):
            return []
        self.reload.exchanged(self.params, self.timeline.now)
        self.params, self.reload.pending = params, None
        self.watcher.reloaded(self.host)
        return node.exchange(params, now)

    def _stall(self) -> None:
        self.stalled = True
        seconds = self.rng.choice(STALLS) * self.params.routers[0].interval
        self.watcher.frozen(self.host)

        def over() -> None:
            if self.stalled and not self.frozen:
                self.stalled = False
                self.watcher.thawed(self.host, seconds)
                self._act()

        self.timeline.after(seconds, self.life.only(over))

    # ---- its acts

    def _act(self) -> None:
        self.stalled = False
        todo, self._todo = self._todo, []
        self._unheard = False
        for action in todo:
            match action:
                case Announce(if_heard=True) if self._unheard:
                    pass
                case HoldVips() | DropVips() | SendAdvert() | TrySending() | Announce():
                    self._perform(action)
                case RunHook() | CancelHook():
                    self.watcher.performed(self.host, action)
                    self.hook(action)
                case Transition():
                    self.watcher.moved(self.host, action)
                case _:
                    pass
        if self.node is not None and self.node.stopped:
            self.end(clean=True)
        elif self.node is not None:
            waiting = self.loop.waiting or self.reload.pending
            self.loop.wake(None if waiting else self.node.deadline - self.offset)

    def _perform(self, command: Command) -> None:
        untimed = DropVips | Identify | PrioritizeSenders | TrySending | RunHook | CancelHook
        if not isinstance(command, untimed) and self.clock > command.not_after:
            late = self.clock - command.not_after
            self.loop.inbox.append(ActionExpired(command.router, type(command).__name__, late))
            return
        self.watcher.performed(self.host, command)
        match command:
            case HoldVips() | DropVips():
                self.kernel.perform(command, self.clock, self._answer())
            case SendAdvert():
                self._advertise(command)
            case TrySending():
                self.watcher.told(self.host, heard=not self.egress.refuses_trial(command))
                self.loop.inbox.append(self.egress.try_sending(command))
            case Announce():
                self.egress.announce(command)

    def _advertise(self, command: SendAdvert) -> None:
        """Send, and tell the core what the kernel says about it."""
        self._unheard = self.egress.refuses(command)
        if command.priority:
            self.watcher.told(self.host, heard=not self._unheard)
        if said := self.egress.advertise(command):
            self.loop.inbox.append(said)

    def _answer(self) -> Callable[[Event], None]:
        """Return what takes an answer of the kernel, in this life."""
        life = self.life.number
        return lambda event: self.tell(event) if self.life.number == life else None
