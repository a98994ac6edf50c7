"""One host's kernel: it keeps addresses and their leases whatever becomes of our process.

Commands are carried out in order, each a moment after it was given, and answered a moment later.
An expired lease is noticed up to KERNEL_EXPIRY late, never early.
"""

from collections.abc import Callable
from random import Random

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Vip
from sidecar.core.events import ForeignVip, LeaseFound, VipsDropped, VipsHeld, VipsObserved
from sidecar.core.params import KERNEL_EXPIRY
from tests.sim.timeline import Timeline

Answer = Callable[[VipsHeld | VipsDropped], None]


class Kernel:
    """`ours` and `foreign` are the truth about the VIPs. `changed` is called after each change of it."""

    def __init__(self, timeline: Timeline, rng: Random, router: str) -> None:
        self.ours: dict[Vip, float] = {}
        self.foreign: set[Vip] = set()
        self.leases: dict[Vip, tuple[float, int]] = {}
        """When the lease of each VIP ends by its lifetime, and the record in it."""
        self.refuses = False
        """It neither adds nor removes."""
        self.refuses_to_add = False
        self.ack_delay = 0.002
        self.ran_out = False
        """A lease ran out and no removal was asked for since: the holder was not there to renew it."""
        self.taken = False
        """Somebody took a VIP away, and it was not put back yet."""
        self.observe: Callable[[VipsObserved], None] = lambda _: None
        self.changed: Callable[[], None] = lambda: None
        self._timeline, self._rng, self._router = timeline, rng, router
        self._free_at = self._answered_at = self._stuck_until = 0.0

    @property
    def stuck(self) -> bool:
        """Whether it carries nothing out at the moment."""
        return self._timeline.now < self._stuck_until

    @property
    def late(self) -> bool:
        """Whether it takes its time for each command."""
        return self.stuck or self.ack_delay > 0.1

    def stick(self, seconds: float) -> None:
        """Something else keeps it busy: commands wait, and leases run out meanwhile."""
        self._free_at = self._stuck_until = max(self._free_at, self._timeline.now) + seconds

    def perform(self, command: HoldVips | DropVips, asked_at: float, answer: Answer) -> None:
        """Carry a command out after those given before it."""
        self._free_at = max(self._free_at, self._timeline.now) + self._rng.uniform(0.0001, self.ack_delay)
        self._timeline.at(self._free_at, lambda: self._execute(command, asked_at, answer))

    def delete(self, vip: Vip) -> None:
        """Somebody removes a VIP by hand."""
        if self.ours.pop(vip, None) is not None:
            self.taken = True
            self._tell()

    def set_foreign(self, vips: set[Vip]) -> None:
        """Somebody else now has these addresses on the interface."""
        self.foreign = vips
        self._tell()

    def picture(self) -> VipsObserved:
        """The state of the interface at a look."""
        foreign = frozenset(ForeignVip("eth0", vip) for vip in self.foreign)
        return VipsObserved(self._router, frozenset(self.ours), foreign)

    def found(self, offset: float) -> LeaseFound | None:
        """What a process sees that starts now, whose clock is `offset` ahead of true time."""
        if not self.ours:
            return None
        leases = [self.leases[vip] for vip in self.ours]
        records = {record for _, record in leases}
        until = min(until for until, _ in leases) + offset
        return LeaseFound(
            self._router, frozenset(self.ours), until, records.pop() if len(records) == 1 else 0
        )

    def _execute(self, command: HoldVips | DropVips, asked_at: float, answer: Answer) -> None:
        if isinstance(command, HoldVips):
            error = self._hold(command)
            self._later(answer, VipsHeld(self._router, asked_at, error))
            return
        error = "EPERM" if self.refuses else None
        # An address that ran out on the way to its removal was given up by then.
        self.ran_out = False
        removed = frozenset(self.ours) if error is None else frozenset()
        if removed:
            self.ours.clear()
            self._tell()
        self._later(answer, VipsDropped(self._router, error, removed))

    def _later(self, answer: Answer, result: VipsHeld | VipsDropped) -> None:
        self._answered_at = max(self._answered_at, self._timeline.now) + self._rng.uniform(0.0001, 0.001)
        self._timeline.at(self._answered_at, lambda: answer(result))

    def _hold(self, command: HoldVips) -> str | None:
        if self.refuses or self.refuses_to_add:
            return "EPERM"
        if self.foreign & set(command.vips):
            return "EEXIST"
        new = not self.ours.keys() >= set(command.vips)
        ends = self._timeline.now + command.lease + self._rng.uniform(0.0, KERNEL_EXPIRY)
        for vip in command.vips:
            self.ours[vip] = ends
            self.leases[vip] = self._timeline.now + command.lease, command.record
        self.taken = False
        self._timeline.at(ends, self._expire)
        if new:
            self._tell()
        return None

    def _expire(self) -> None:
        over = [vip for vip, ends in self.ours.items() if ends <= self._timeline.now]
        for vip in over:
            del self.ours[vip]
        if over:
            self.ran_out = True
            self._tell()

    def _tell(self) -> None:
        self.changed()
        self.observe(self.picture())
