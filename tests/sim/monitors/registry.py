"""All monitors, and the order in which they look at what happens.

A monitor is a class for one kind of promise. Its methods are called when something happens, and raise
Violation. Their names and promises are in docs/simulation.md.
"""

from sidecar.core.actions import Action, Command, Transition
from sidecar.core.events import Event
from sidecar.core.state import State
from tests.sim.host.host import Host
from tests.sim.monitors.adverts import Adverts
from tests.sim.monitors.causes import Causes
from tests.sim.monitors.deadline import Deadline
from tests.sim.monitors.fault_state import FaultState
from tests.sim.monitors.gap import Gap
from tests.sim.monitors.handover import Handover
from tests.sim.monitors.history import History
from tests.sim.monitors.hooks import Hooks
from tests.sim.monitors.lease import Lease
from tests.sim.monitors.muteness import Muteness
from tests.sim.monitors.overlap import Overlap
from tests.sim.monitors.reaction import Reaction
from tests.sim.monitors.refused_packets import RefusedPackets
from tests.sim.monitors.restart import Restart
from tests.sim.monitors.staleness import Staleness
from tests.sim.timeline import Timeline

START_UP = 0.4
"""Seconds a process needs until its checks have results."""


class Monitors(History):
    """`overlap` is the bound of that monitor in seconds, infinite while the network is cut.

    `lossless`: nothing is lost on the LAN, and a handover is quick.

    A host calls the methods of `Watcher`, and whoever brings a fault about the others.
    """

    def __init__(self, timeline: Timeline, *, overlap: float, lossless: bool) -> None:
        super().__init__(timeline)
        self.quiet = False
        """Nothing may move any more."""
        self._overlap = Overlap(self, overlap)
        self._gap = Gap(self)
        self._handover = Handover(self, lossless=lossless)
        self._reaction = Reaction(self)
        self._restart = Restart(self)
        self._muteness = Muteness(self)
        self._lease = Lease(self)
        self._adverts = Adverts(self)
        self._causes = Causes(self)
        self._staleness = Staleness(self)
        self._fault_state = FaultState(self)
        self._deadline = Deadline(self)
        self._hooks = Hooks(self)
        self._refused_packets = RefusedPackets(self)

    def enrol(self, host: Host) -> None:
        """A host exists."""
        self.add(host)
        host.kernel.changed = self.recount
        if host.pace is not None:
            self._staleness.look(host)

    # ---- the kernels' truth

    def recount(self) -> None:
        """A kernel's addresses or a link changed."""
        holders = [host for host in self.hosts if host.link_up and host.kernel.ours]
        self._overlap.recount(holders)
        self._gap.recount(holders)

    def check_gap(self) -> None:
        """Nobody holds the VIP: is a host that could have taken it too late?"""
        self._gap.check()

    # ---- what becomes of the hosts

    def ready(self, host: Host, after: float = 0.0) -> None:
        """Nothing keeps this host from serving, `after` seconds from now."""
        self._gap.ready(host, after)

    def unready(self, host: Host) -> None:
        """It cannot be asked to serve."""
        self._gap.unready(host)

    def restarted(self, host: Host) -> None:
        """A process has been started."""
        self._gap.unready(host)
        record = self.of(host)
        record.swept = record.must_drop = record.master = False
        record.unheard = 0
        record.adopted_with = None
        self._hooks.restarted(host)
        self._gap.ready(host, START_UP)
        if self._restart.outlasts_a_start(host, START_UP):
            self._handover.expect(host)

    def died(self, host: Host, *, clean: bool) -> None:
        """A process has ended; `clean`: as it was asked to."""
        self._gap.unready(host)
        self.of(host).disturbed += not clean
        self._restart.died(host)
        self._lease.died(host, clean=clean)

    def frozen(self, host: Host) -> None:
        """A process stands still."""
        self._gap.unready(host)
        self.of(host).disturbed += 1

    def thawed(self, host: Host, slept: float) -> None:
        """A process goes on after so many seconds."""
        self.of(host).thawed_at = self.now
        self._lease.thawed(host, slept)
        self._gap.ready(host)

    def link_changed(self, host: Host) -> None:
        """The cable was pulled or put back, or a firewall was changed."""
        self._gap.unready(host)
        self._gap.ready(host)
        self.recount()
        self._handover.link_changed(host)

    def doubted(self, host: Host) -> None:
        """The verdicts of a host are about to change, or certain again."""
        self._gap.start_over(host)

    def reloaded(self, host: Host) -> None:
        """A host has other parameters: whoever waits for it or beside it counts anew."""
        self._gap.start_over(host)
        self.recount()

    def judging(self, host: Host, name: str, *, good: bool) -> None:
        """A check of a host is about to change."""
        self._gap.start_over(host)
        self._reaction.judging(host, name, good=good)

    def draining(self, host: Host) -> None:
        """An operator drains a host."""
        self._gap.start_over(host)
        self._reaction.draining(host)

    def robbed(self, host: Host) -> None:
        """Somebody removed the VIPs of a host."""
        self._reaction.robbed(host)

    # ---- what a process hears, does, and says that it is

    def arrives(self, host: Host, event: Event) -> None:
        """A packet or an observation reaches a host."""
        self._muteness.arrives(host, event)

    def before_step(self, host: Host, events: list[Event], now: float) -> None:
        """A step begins."""
        if host.node is not None:
            self.of(host).priority = host.node._elections["web"]._machine.priority
            self._refused_packets.before_step(host.node, events, now)

    def stepped(self, host: Host, events: list[Event], actions: list[Action], now: float) -> None:
        """A step is over."""
        node = host.node
        if node is None:
            return
        if self.trace is not None:
            self.note_snapshot(host, node.snapshot(now))
        self._restart.stepped(host, actions)
        self._fault_state.stepped(host, events, actions, now)
        self._deadline.stepped(host, node, actions, now)
        self._refused_packets.stepped(host, node, events, actions, now)

    def performed(self, host: Host, command: Command) -> None:
        """A command is being carried out, now."""
        self.note(host, command)
        self._restart.performed(host, command)
        self._muteness.performed(host, command)
        self._lease.performed(host, command)
        self._adverts.performed(host, command)
        self._hooks.performed(host, command)

    def hooks_settled(self) -> None:
        """Nothing happens any more."""
        for host in self.hosts:
            self._hooks.settled(host)

    def told(self, host: Host, *, heard: bool) -> None:
        """The kernel has sent an advertisement or a trial, or has refused it."""
        self._muteness.told(host, heard=heard)

    def moved(self, host: Host, transition: Transition) -> None:
        """A transition."""
        self.transition(host, transition)
        if self.quiet:
            self.fail("restless", f"host {host.number}: {transition}")
        self._muteness.moved(host, transition)
        self._causes.moved(host, transition)
        self._hooks.moved(host, transition)
        if transition.new is State.MASTER:
            return
        self._staleness.moved(host, transition.reason)
        self._lease.left(host, transition)
        self._handover.moved(host, transition.old, transition.reason)
