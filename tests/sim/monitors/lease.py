"""Nobody claims a VIP that it does not hold, or holds one that it does not claim."""

from sidecar.core.actions import Announce, Command, DropVips, HoldVips, SendAdvert, Transition
from sidecar.core.state import State
from tests.sim.host.host import Host
from tests.sim.monitors.bounds import AT_ONCE
from tests.sim.monitors.history import History


class Lease:
    """Compares what a host does with what its kernel holds, and with how long the process slept."""

    def __init__(self, history: History) -> None:
        self._history = history

    def thawed(self, host: Host, slept: float) -> None:
        """A process goes on after so many seconds."""
        router = host.params.routers[0]
        if slept > min(3 * router.interval, router.lease) and host.state is State.MASTER:
            self._history.of(host).must_drop = True

    def died(self, host: Host, *, clean: bool) -> None:
        """A process has ended; `clean`: as it was asked to."""
        if clean and host.kernel.ours:
            self._history.fail("vip-kept", f"host {host.number} has ended and left the VIP")

    def performed(self, host: Host, command: Command) -> None:
        """A command is being carried out, now."""
        record = self._history.of(host)
        match command:
            case DropVips():
                record.must_drop = host.kernel.ran_out = False
            case HoldVips():
                record.holds += 1
                if record.must_drop or (record.master and host.kernel.ran_out):
                    self._history.fail("act-after-stall", f"host {host.number} takes back what it had lost")
            case SendAdvert(priority=0):
                if host.kernel.ours:
                    self._history.fail("zero-while-held", f"host {host.number} resigns and still has the VIP")
            case SendAdvert() | Announce():
                self._claims(host, type(command).__name__)
            case _:
                pass

    def _claims(self, host: Host, what: str) -> None:
        if self._history.of(host).must_drop:
            self._history.fail("act-after-stall", f"host {host.number}: {what} after it overslept")
        if not host.kernel.ours and not host.kernel.taken:
            self._history.fail("claim-without-hold", f"host {host.number}: {what} without the VIP")

    def left(self, host: Host, transition: Transition) -> None:
        """A host is in a state other than MASTER: within a moment it has no VIP."""
        record = self._history.of(host)
        life, refuses = host.process.life.number, host.kernel.refuses
        mark = (record.moves, record.holds, record.disturbed)

        def gone() -> None:
            same = (record.moves, record.holds, record.disturbed) == mark and host.process.life.number == life
            if same and host.kernel.ours and not (refuses or host.kernel.refuses or host.kernel.stuck):
                self._history.fail("vip-kept", f"host {host.number} is {transition.new} and has the VIP")

        self._history.timeline.after(AT_ONCE + 3 * host.kernel.ack_delay, gone)
