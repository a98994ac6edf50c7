"""Nobody holds the VIP, and a host could have taken it for too long."""

from math import inf

from sidecar.core.hook import Hook
from sidecar.core.priorities import UNFIT_PRIORITY
from tests.sim.host.host import Host
from tests.sim.monitors.bounds import hook_time, master_down, slack
from tests.sim.monitors.expected_priority import expected_priority
from tests.sim.monitors.history import History


class Gap:
    """Knows since when nobody holds the VIP, and since when each host could."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._since: float | None = None

    def recount(self, holders: list[Host]) -> None:
        """These hosts hold the VIP now."""
        self.check()
        if holders:
            self._since = None
        elif self._since is None:
            self._since = self._history.now

    def check(self) -> None:
        """Whether a host that could have taken the VIP is too late."""
        if self._since is None:
            return
        for host in self._history.hosts:
            record = self._history.of(host)
            since = max(self._since, record.ready_since)
            # A host whose last packet reached nobody waits as the last of all.
            priority = UNFIT_PRIORITY if record.unheard else expected_priority(host)
            patience = master_down(host, priority) + hook_time(host, Hook.PRE_ACQUIRE)
            if self._history.now - since > patience + slack(host):
                self._history.fail("gap", f"host {host.number} could have served since {since:.3f}")

    def ready(self, host: Host, after: float = 0.0) -> None:
        """Nothing keeps this host from serving, `after` seconds from now."""
        record = self._history.of(host)
        record.not_before = max(record.not_before, self._history.now + after)
        able = (
            host.node is not None
            and not (host.frozen or host.process.stalled or host.process.stopping)
            and host.link_up
        )
        kernel = host.kernel
        if able and not (kernel.foreign or kernel.refuses or kernel.refuses_to_add or kernel.stuck):
            record.ready_since = record.not_before

    def unready(self, host: Host) -> None:
        """It cannot be asked to serve. Whether it should have before, is looked at first."""
        self.check()
        self._history.of(host).ready_since = inf

    def start_over(self, host: Host) -> None:
        """If it could serve, it has as long from now on as if it had just become able to."""
        if self._history.of(host).ready_since < inf:
            self.unready(host)
            self.ready(host)
