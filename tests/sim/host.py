"""One host: a kernel, and our process around the real core. The process keeps the shell's promises.

A step first drains sockets and observations, then the answers; actions are performed in order, and
one with `not_after` only if the clock, read directly before it, allows. Freezing the process stops
all of this and nothing of the kernel.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import inf
from random import Random

from sidecar.core.actions import (
    Action,
    AdoptionDecided,
    Announce,
    Command,
    DropVips,
    HoldVips,
    Identify,
    PrioritizeSenders,
    SendAdvert,
    Transition,
    TrySending,
)
from sidecar.core.address import Address
from sidecar.core.events import (
    ActionExpired,
    AdvertSent,
    ClockSet,
    Event,
    InterfaceChanged,
    InterfaceState,
    LeasesFound,
    SendFailed,
    SendTried,
    Started,
    StopRequested,
)
from sidecar.core.health.drain import DrainAsked, UndrainAsked
from sidecar.core.health.params import OBSERVER_SILENCE
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.core.stall import Stalled
from sidecar.core.state import State
from sidecar.core.wire.constants import GROUPS
from tests.sim.kernel import Kernel
from tests.sim.monitors import Monitors
from tests.sim.observer import Observer, Pace
from tests.sim.timeline import Timeline

EPOCH = 1.8e9
"""Unix time at the beginning of the world."""
UNDER_WAY = 0.5
"""Seconds after which every packet has arrived and was heard."""
NOTICED = 0.1
"""Seconds within which a healthy process takes note of an operator."""
LATENESS = 0.002
"""Seconds the loop of a healthy process is late at most."""


@dataclass(slots=True)
class Wires:
    """Where a host's packets and frames go."""

    packet: Callable[[int, Address, Address, bytes], None]
    frames: Callable[[int, tuple[bytes, ...]], None]


@dataclass(slots=True)
class Host:
    """`number` is its port on the LAN, `offset` what its clock is ahead of true time."""

    number: int
    params: NodeParams
    address: Address
    mac: bytes
    kernel: Kernel
    timeline: Timeline
    rng: Random
    wires: Wires
    monitors: Monitors
    offset: float = 0.0
    stall_chance: float = 0.0
    """Chance that the process is stopped for a while between a decision and its first act."""
    node: Node | None = None
    link_up: bool = True
    unsendable: frozenset[Address] = frozenset()
    """Destinations to which the firewall of this host lets no advertisement out."""
    mute_since: float = inf
    """Since when none can be reached."""
    sees_trials: bool = True
    """Whether that firewall stops trials too. One behind the output hook does not."""
    frozen: bool = False
    was_paused: bool = False
    stopping: bool = False
    life: int = 0
    born_at: float = -inf
    """True time at which the process was started."""
    drained_since: float = inf
    drained_lately: float = -inf
    """When it was drained last."""
    drained_until: float = -inf
    """True time until which an operator keeps the VIPs away; it outlasts the process."""
    trusted_until: float = -inf
    """Until when an earlier life's priority may be believed without results."""
    wall: float = EPOCH
    """Seconds by which the wall clock is ahead of true time."""
    good: dict[str, bool] = field(default_factory=dict)
    pace: Pace | None = None
    silence: float = OBSERVER_SILENCE
    observer: Observer = field(init=False)
    _next_params: NodeParams | None = None
    """Parameters that are exchanged after the next step, if any."""
    _before: tuple[float, int] = (-inf, 0)
    """When the parameters were exchanged, and the priority before."""
    _checked: bool = False
    """Whether a check has run since the last step."""
    _sensed: list[Event] = field(default_factory=list)
    _inbox: list[Event] = field(default_factory=list)
    _todo: list[Action] = field(default_factory=list)
    _busy: bool = False
    _unheard: bool = False
    _wake_at: float = inf
    _frozen_at: float = 0.0
    _observer_too: bool = False

    def __post_init__(self) -> None:
        self.observer = Observer(
            params=self.params,
            timeline=self.timeline,
            rng=self.rng,
            clock=lambda: self.clock,
            tell=self.tell,
            handed=lambda: () if self.node is None else self.node.verdicts,
            ran=self._ran,
            doubted=partial(self.monitors.doubted, self),
            pace=self.pace,
            silence=self.silence,
            good=self.good,
        )

    @property
    def clock(self) -> float:
        """The input of the process."""
        return self.timeline.now + self.offset

    @property
    def stalled(self) -> bool:
        """Whether it is stopped between a decision and its first act."""
        return self._busy

    @property
    def state(self) -> State | None:
        """State of the only router, None if there is no process."""
        return None if self.node is None else self.node.snapshot(self.clock).routers[0].state

    # ---- the life of the process

    def start(self) -> None:
        """Start a process. Whatever an earlier one left is still there."""
        self.life += 1
        self.born_at = self.timeline.now
        self.frozen = self.stopping = self._busy = self._checked = False
        self._sensed, self._inbox, self._todo, self._wake_at = [], [], [], inf
        self.node = Node(self.params, self.clock, self.silence)
        if self.drained:
            self.tell(self._drain())
        self.monitors.restarted(self)
        self.sense(self._interface())
        self.sense(self.kernel.picture())
        self.tell(ClockSet(self.wall - self.offset))
        found = self.kernel.found(self.offset)
        if found is not None:
            self.tell(LeasesFound((found,)))
        self.tell(Started())
        self.observer.start()

    def kill(self) -> None:
        """SIGKILL: the kernel keeps what it has."""
        self.life += 1
        self.node = None
        self.params, self._next_params = self._next_params or self.params, None
        self.observer.end()
        self.monitors.died(self, clean=False)

    def freeze(self) -> None:
        """SIGSTOP."""
        if self.node is not None and not self.frozen:
            self.frozen, self._frozen_at = True, self.timeline.now
            self.monitors.frozen(self)

    def thaw(self) -> None:
        """SIGCONT: everything that waited arrives at once."""
        if self.node is not None and self.frozen:
            self.frozen = False
            halfway, self._busy = self._busy, False
            self.monitors.thawed(self, self.timeline.now - self._frozen_at)
            if halfway:
                self._act()
            self._wake(self.timeline.now)

    def stop(self) -> None:
        """SIGTERM."""
        self.stopping = True
        self.monitors.unready(self)
        self.tell(StopRequested("asked to stop"))

    def reload(self, params: NodeParams) -> None:
        """Exchange the parameters, as soon as the process runs."""
        if self.node is None:
            self.params = params
            return
        self._next_params = params
        self._wake(self.timeline.now)

    def _exchange(self, node: Node, now: float) -> list[Action]:
        """Take the next parameters, when no router is in the way; return what to do at once."""
        params = self._next_params
        if params is None or not node.ready_for(params):
            return []
        self._before = self.timeline.now, self.params.routers[0].priority
        self.params, self._next_params = params, None
        self.monitors.reloaded(self)
        return node.exchange(params, now)

    @property
    def reloaded_at(self) -> float:
        """When the parameters were exchanged last; minus infinity: never."""
        return self._before[0]

    @property
    def said(self) -> int:
        """The highest priority that a packet of this host may say which is still under way."""
        at, priority = self._before
        now = self.params.routers[0].priority
        return max(now, priority) if self.timeline.now - at < UNDER_WAY else now

    @property
    def drained(self) -> bool:
        """Whether an operator keeps the VIPs away."""
        return self.timeline.now < self.drained_until

    @property
    def was_drained(self) -> bool:
        """The same of some moments ago: until then the process may not have noticed the end."""
        return self.timeline.now < self.drained_lately + NOTICED

    @property
    def surely_drained(self) -> bool:
        """The same, for so long that the process must have noticed."""
        return self.drained and self.timeline.now > self.drained_since + NOTICED

    def drain(self, until: float) -> None:
        """An operator keeps the VIPs away until then, true time."""
        self.monitors.draining(self)
        if not self.drained:
            self.drained_since = self.timeline.now
        self.drained_until = self.drained_lately = until
        self.tell(self._drain())
        if until < inf:
            self.timeline.at(until, lambda: self.monitors.doubted(self))

    def undrain(self) -> None:
        """The operator takes that back."""
        self.monitors.doubted(self)
        self.drained_lately = min(self.drained_lately, self.timeline.now)
        self.drained_until = -inf
        self.tell(UndrainAsked())

    def _drain(self) -> DrainAsked:
        return DrainAsked(self.drained_until + self.offset, "drained by an operator")

    def set_link(self, *, up: bool) -> None:
        """The cable is pulled or put back."""
        if self.link_up is not up:
            self.link_up = up
            self.monitors.link_changed(self)
            self.sense(self._interface())

    def step_wall_clock(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall += seconds
        self.tell(ClockSet(self.wall - self.offset))

    def set_check(self, name: str, *, good: bool) -> None:
        """The target of the check becomes good or bad; an event-driven one has the result at once."""
        self.monitors.judging(self, name, good=good)
        self.observer.change(name, good=good)

    def pause(self) -> None:
        """The container is paused: all of its processes stand still."""
        if self.node is not None and not self.frozen:
            self.was_paused = True
            self._observer_too = self.observer.at_work
            self.observer.freeze(noticed=False)
            self.freeze()

    def resume(self) -> None:
        """The container goes on, and its processes notice that they stood still."""
        if self.node is not None and self.frozen:
            slept = self.timeline.now - self._frozen_at
            self._sensed.insert(0, Stalled(slept))
            self.observer.excuse(slept)
            if self._observer_too:
                self.observer.thaw()
            self.thaw()

    def report(self, name: str) -> None:
        """A check has run."""
        self.observer.report(name)

    # ---- what arrives

    def sense(self, event: Event) -> None:
        """A packet or an observation: read from its socket at the next step."""
        if self.node is not None and len(self._sensed) < 1000:
            self.monitors.arrives(self, event)
            self._sensed.append(event)
            self._wake(self.timeline.now)

    def tell(self, event: Event) -> None:
        """Anything that comes through the inbox."""
        if self.node is not None:
            self._inbox.append(event)
            self._wake(self.timeline.now)

    def _ran(self, news: bool) -> None:
        """A check has run. Without news the loop turns all the same, as it does for any sign of life."""
        self._checked = True
        if self.node is not None and not news:
            self._wake(self.timeline.now)

    def _interface(self) -> InterfaceChanged:
        return InterfaceChanged("eth0", InterfaceState(2, self.link_up, self.mac, (self.address,)))

    def _in_this_life(self, do: Callable[[], None]) -> Callable[[], None]:
        life = self.life
        return lambda: do() if self.life == life else None

    # ---- the loop

    def _wake(self, when: float) -> None:
        late = when + self.rng.uniform(0.0001, LATENESS)
        if late < self._wake_at:
            self._wake_at = late
            self.timeline.at(late, self._in_this_life(lambda: self._turn(late)))

    def _turn(self, meant: float) -> None:
        if meant != self._wake_at:
            return
        self._wake_at = inf
        if self.frozen or self._busy or self.node is None:
            return
        events = self._sensed + self._inbox
        self._sensed, self._inbox = [], []
        checked, self._checked = self._checked, False
        now = self.clock
        before = self.monitors.before_step(self, events, now)
        actions = self.node.step(events, now)
        # What a packet brings about is told apart from what a reload does.
        actions += [] if events else self._exchange(self.node, now)
        self.monitors.stepped(self, before, events, actions, now)
        self._todo = actions
        moving = any(isinstance(action, Transition | AdoptionDecided) for action in actions)
        if (actions or checked) and self.rng.random() < self.stall_chance * (20 if moving else 1):
            self._stall()
        else:
            self._act()

    def _stall(self) -> None:
        self._busy = True
        seconds = self.rng.choice((0.05, 0.5, 2.0, 4.0)) * self.params.routers[0].interval
        self.monitors.frozen(self)

        def over() -> None:
            if self._busy and not self.frozen:
                self._busy = False
                self.monitors.thawed(self, seconds)
                self._act()

        self.timeline.after(seconds, self._in_this_life(over))

    def _act(self) -> None:
        self._busy = False
        todo, self._todo = self._todo, []
        self._unheard = False
        for action in todo:
            match action:
                case Announce(if_heard=True) if self._unheard:
                    pass
                case HoldVips() | DropVips() | SendAdvert() | TrySending() | Announce():
                    self._perform(action)
                case Transition():
                    self.monitors.moved(self, action)
                case _:
                    pass
        if self.node is not None and self.node.stopped:
            self.life += 1
            self.node = None
            self.params, self._next_params = self._next_params or self.params, None
            self.observer.end()
            self.monitors.died(self, clean=True)
        elif self.node is not None:
            waiting = self._sensed or self._inbox or self._next_params
            self._wake(self.timeline.now if waiting else self.node.deadline - self.offset)

    def mute(self, *, on: bool, trials: bool = True) -> None:
        """From now on no advertisement gets out of this host, or all of them do."""
        self.monitors.link_changed(self)
        router = self.params.routers[0]
        peers = (GROUPS[router.family],) if router.unicast is None else router.unicast.peers
        self.unsendable = frozenset(peers if on else ())
        self.mute_since = self.timeline.now if on else inf
        self.sees_trials = trials

    def _send(self, command: SendAdvert) -> None:
        """Send to whom the firewall allows, and tell the core what the kernel says about it."""
        if command.priority:
            self.monitors.told(self, heard=not {to for to, _ in command.packets} <= self.unsendable)
        refused = [to for to, _ in command.packets if to in self.unsendable]
        self._unheard = len(refused) == len(command.packets)
        if refused:
            self._inbox.append(SendFailed(command.router, "EPERM", self._unheard, heard=not self._unheard))
        elif command.confirm:
            self._inbox.append(AdvertSent(command.router))
        for destination, payload in command.packets:
            if self.link_up and destination not in self.unsendable:
                self.wires.packet(self.number, command.source, destination, payload)

    def _try_sending(self, command: TrySending) -> None:
        """A trial to the group stays here, one to a peer is an ordinary packet."""
        self.monitors.told(self, heard=not (self.sees_trials and command.destination in self.unsendable))
        if self.sees_trials and command.destination in self.unsendable:
            self._inbox.append(SendTried(command.router, "EPERM"))
            return
        self._inbox.append(SendTried(command.router))
        if self.link_up and command.destination not in self.unsendable | {GROUPS[command.source.version]}:
            self.wires.packet(self.number, command.source, command.destination, command.payload)

    def _perform(self, command: Command) -> None:
        untimed = DropVips | Identify | PrioritizeSenders | TrySending
        if not isinstance(command, untimed) and self.clock > command.not_after:
            late = self.clock - command.not_after
            self._inbox.append(ActionExpired(command.router, type(command).__name__, late))
            return
        self.monitors.performed(self, command)
        match command:
            case HoldVips() | DropVips():
                self.kernel.perform(command, self.clock, self._answer())
            case SendAdvert():
                self._send(command)
            case TrySending():
                self._try_sending(command)
            case Announce() if self.link_up:
                self.wires.frames(self.number, command.frames)

    def _answer(self) -> Callable[[Event], None]:
        life = self.life
        return lambda event: self.tell(event) if self.life == life else None
