"""The advertisements and announcements of a host: the priority in them, and their rate."""

from collections import deque

from sidecar.core.actions import Announce, Command, SendAdvert
from tests.sim.host.host import Host
from tests.sim.monitors.history import History

REPLIES_A_SECOND = 10


class Adverts:
    """Looks at each that is sent, but for resignations."""

    def __init__(self, history: History) -> None:
        self._history = history

    def performed(self, host: Host, command: Command) -> None:
        """A command is being carried out, now."""
        record = self._history.of(host)
        if isinstance(command, Announce):
            self._rate(record.announcements, REPLIES_A_SECOND + 2, "announcement-storm", host)
        if isinstance(command, SendAdvert) and command.priority:
            self._expect_true_priority(host, command.priority)
            interval = host.params.routers[0].interval
            self._rate(record.adverts, 1 / interval + REPLIES_A_SECOND + 2, "storm", host)

    def _expect_true_priority(self, host: Host, said: int) -> None:
        """The first one after an adoption goes on with the priority of the last life.

        Later the effective priority is the one that is compared with those of others.
        """
        record = self._history.of(host)
        before, record.adopted_with = record.adopted_with, None
        if before not in (None, said) and not host.operator_drain.lately:
            self._history.fail("false-priority", f"host {host.number} goes on with {said}, not {before}")
        if host.node is None:
            return
        now = host.node.snapshot(0.0).routers[0].effective_priority
        if said not in {record.priority, now}:
            self._history.fail("false-priority", f"host {host.number} says {said} and has {now}")

    def _rate(self, times: deque[float], most: float, monitor: str, host: Host) -> None:
        now = self._history.now
        times.append(now)
        while times[0] < now - 1:
            times.popleft()
        if len(times) > most:
            self._history.fail(monitor, f"host {host.number} sent {len(times)} in one second")
