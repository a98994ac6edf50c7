"""One host: a kernel, our two processes, a cable and a firewall, a wall clock, and an operator."""

from dataclasses import dataclass, field
from functools import partial
from math import inf
from random import Random

from sidecar.core.address import Address
from sidecar.core.events import (
    ClockSet,
    Event,
    InterfaceChanged,
    InterfaceState,
    LeasesFound,
    Started,
)
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.params import OBSERVER_SILENCE
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.core.stall import Stalled
from sidecar.core.state import State
from sidecar.core.wire.constants import GROUPS
from tests.sim.host.drain import OperatorDrain
from tests.sim.host.egress import Egress
from tests.sim.host.hooks import HookPrograms
from tests.sim.host.process import Process
from tests.sim.host.watcher import Watcher
from tests.sim.kernel import Kernel
from tests.sim.observer.observer import Observer
from tests.sim.observer.pace import Pace
from tests.sim.timeline import Timeline

EPOCH = 1.8e9
"""Unix time at the beginning of the world."""


@dataclass(slots=True, eq=False)
class Host:
    """`initial` are the parameters of its first process, `offset` what its clock is ahead of true time."""

    initial: NodeParams
    address: Address
    mac: bytes
    kernel: Kernel
    timeline: Timeline
    rng: Random
    egress: Egress
    watcher: "Watcher[Host]"
    offset: float = 0.0
    good: dict[str, bool] = field(default_factory=dict)
    """Whether the target of each check is well."""
    pace: Pace | None = None
    silence: float = OBSERVER_SILENCE
    wall: float = EPOCH
    """Seconds by which the wall clock is ahead of true time."""
    was_paused: bool = False
    trusted_until: float = -inf
    """Until when an earlier life's priority may be believed without results."""
    process: "Process[Host]" = field(init=False)
    observer: Observer = field(init=False)
    operator_drain: OperatorDrain = field(init=False)
    hooks: HookPrograms = field(init=False)
    _observer_too: bool = False
    """Whether the observer was at work when the host was paused."""

    def __post_init__(self) -> None:
        self.process = Process(
            host=self,
            watcher=self.watcher,
            params=self.initial,
            kernel=self.kernel,
            egress=self.egress,
            timeline=self.timeline,
            rng=self.rng,
            offset=self.offset,
            ended=self._ended,
        )
        self.operator_drain = OperatorDrain(self.timeline)
        self.observer = Observer(
            params=self.initial,
            timeline=self.timeline,
            rng=self.rng,
            clock=lambda: self.clock,
            tell=self.tell,
            handed=lambda: () if self.node is None else self.node.verdicts,
            ran=self._ran,
            doubted=partial(self.watcher.doubted, self),
            pace=self.pace,
            silence=self.silence,
            good=self.good,
        )
        self.hooks = HookPrograms(self.timeline, self.rng, lambda: self.clock, self.tell, self.observer)
        self.observer.died = self.hooks.died
        self.process.hook = self.hooks.perform

    # ---- what it is at the moment

    @property
    def number(self) -> int:
        """Its port on the LAN."""
        return self.egress.number

    @property
    def link_up(self) -> bool:
        """Whether the cable is there."""
        return self.egress.link_up

    @property
    def clock(self) -> float:
        """The clock of its processes."""
        return self.process.clock

    @property
    def node(self) -> Node | None:
        """The core of the process, None if there is none."""
        return self.process.node

    @property
    def params(self) -> NodeParams:
        """The parameters of the process, or of the next one."""
        return self.process.params

    @property
    def frozen(self) -> bool:
        """Whether the process stands still."""
        return self.process.frozen

    @property
    def state(self) -> State | None:
        """State of the only router, None if there is no process."""
        return None if self.node is None else self.node.snapshot(self.clock).routers[0].state

    # ---- its processes

    def start(self) -> None:
        """Start a process. Whatever an earlier one left is still there."""
        self.process.begin(self.silence)
        if self.operator_drain.under_way:
            self.tell(self._drain_asked())
        self.watcher.restarted(self)
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
        self.process.end()

    def _ended(self, clean: bool) -> None:
        self.observer.end()
        self.watcher.died(self, clean=clean)

    def freeze(self) -> None:
        """SIGSTOP."""
        self.process.freeze()

    def thaw(self) -> None:
        """SIGCONT."""
        self.process.thaw()

    def stop(self) -> None:
        """SIGTERM."""
        self.process.stop()

    def reload(self, params: NodeParams) -> None:
        """SIGHUP."""
        self.process.exchange(params)

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
            slept = self.process.slept
            self.process.loop.sensed.insert(0, Stalled(slept))
            self.observer.excuse(slept)
            if self._observer_too:
                self.observer.thaw()
            self.thaw()

    def sense(self, event: Event) -> None:
        """A packet or an observation for the router process."""
        self.process.sense(event)

    def tell(self, event: Event) -> None:
        """Anything else for the router process."""
        self.process.tell(event)

    # ---- its checks

    def set_check(self, name: str, *, good: bool) -> None:
        """The target of the check becomes good or bad; an event-driven one has the result at once."""
        self.watcher.judging(self, name, good=good)
        self.observer.change(name, good=good)

    def _ran(self, news: bool) -> None:
        """A check has run. Without news the loop turns all the same, as it does for any sign of life."""
        self.process.checked = True
        if self.node is not None and not news:
            self.process.loop.wake()

    # ---- its surroundings

    def drain(self, until: float) -> None:
        """An operator keeps the VIPs away until then, true time."""
        self.watcher.draining(self)
        self.operator_drain.begin(until)
        self.tell(self._drain_asked())
        if until < inf:
            self.timeline.at(until, lambda: self.watcher.doubted(self))

    def undrain(self) -> None:
        """The operator takes that back."""
        self.watcher.doubted(self)
        self.operator_drain.end()
        self.tell(UndrainAsked())

    def _drain_asked(self) -> DrainAsked:
        return DrainAsked(self.operator_drain.until + self.offset, "drained by an operator")

    def set_link(self, *, up: bool) -> None:
        """The cable is pulled or put back."""
        if self.link_up is not up:
            self.egress.link_up = up
            self.watcher.link_changed(self)
            self.sense(self._interface())

    def _interface(self) -> InterfaceChanged:
        return InterfaceChanged("eth0", InterfaceState(2, self.link_up, self.mac, (self.address,)))

    def mute(self, *, on: bool, trials: bool = True) -> None:
        """From now on no advertisement gets out of this host, or all of them do."""
        self.watcher.link_changed(self)
        if not on:
            self.egress.unmute()
            return
        router = self.params.routers[0]
        peers = (GROUPS[router.family],) if router.unicast is None else router.unicast.peers
        self.egress.mute(peers, self.timeline.now, trials=trials)

    def step_wall_clock(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall += seconds
        self.tell(ClockSet(self.wall - self.offset))
