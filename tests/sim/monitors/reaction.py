"""What a host must do at once: leave when it is unfit or drained, put back a VIP that was taken away."""

from math import inf

from sidecar.core.hook import Hook
from sidecar.core.priorities import UNFIT_PRIORITY
from tests.sim.host.host import Host
from tests.sim.monitors.bounds import AT_ONCE, hook_time
from tests.sim.monitors.expected_priority import expected_priority
from tests.sim.monitors.history import History


class Reaction:
    """Looks again after a moment."""

    def __init__(self, history: History) -> None:
        self._history = history

    def judging(self, host: Host, name: str, *, good: bool) -> None:
        """A check of a host is about to change."""
        well = all(host.good.values()) and not host.operator_drain.under_way
        if self._history.of(host).master and not good and well and host.observer.tells_at_once(name):
            self._expect(host, "unfit-master", "its check failed and it did not resign")

    def draining(self, host: Host) -> None:
        """An operator drains a host."""
        if self._history.of(host).master and expected_priority(host) > UNFIT_PRIORITY:
            wait = hook_time(host, Hook.PRE_RELEASE)
            self._expect(host, "drained-master", "it was drained and did not resign", after=wait)

    def robbed(self, host: Host) -> None:
        """Somebody removed the VIPs of a host."""
        if self._history.of(host).master and not host.kernel.ours:
            self._expect(host, "vip-not-restored", "the VIP was taken away and not put back", held=False)

    def _expect(
        self, host: Host, monitor: str, detail: str, *, held: bool | None = None, after: float = 0.0
    ) -> None:
        """Within a moment the host must have moved, or else hold what it should."""
        record = self._history.of(host)
        mark = (record.moves, record.disturbed, record.ready_since)

        def judge() -> None:
            same = (record.moves, record.disturbed, record.ready_since) == mark
            untouched = same and record.ready_since < inf
            if untouched and (held is None or bool(host.kernel.ours) is held):
                self._history.fail(monitor, f"host {host.number}: {detail}")

        self._history.timeline.after(after + AT_ONCE + 3 * host.kernel.ack_delay, judge)
