"""Whether this host is cut off from everybody of a pool: then it does not judge the servers.

The evidence is the host's own: the kernel has no route to any server, or the interface that leads there
is gone, down or without carrier or address. A single server that cannot be reached while another one can
is judged as always, and so are all of them while the sorry server can be reached, which then serves.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf
from typing import Final

from sidecar.checks.probe import Finding
from sidecar.checks.route import Route, route_to
from sidecar.core.health.result import Outcome
from sidecar.core.pool.params import split

SETTLE: Final = 3.0
"""Seconds after the way is back for which silence is still ours: neighbours must be found again."""
LOOK_EVERY: Final = 0.1
"""Seconds for which "cut off" is believed, so that many servers that fail together are one look."""


class CutOff:
    """Reviews what probes of one pool found.

    `everybody` returns the IP addresses that the host must be able to reach one of, `tell` is called with
    the reason when the host is cut off and with "" when it is so no longer. `clock` returns seconds, and
    `settle` is how long after the return the silence of a server is excused that has not answered since.
    """

    def __init__(
        self,
        everybody: Callable[[], Iterable[str]],
        tell: Callable[[str], None],
        clock: Callable[[], float],
        settle: float = SETTLE,
        look: Callable[[str], Route] = route_to,
    ) -> None:
        self._everybody = everybody
        self._tell = tell
        self._clock = clock
        self._settle = settle
        self._look = look
        self._gateways: dict[str, str] = {}
        self._answered: set[str] = set()
        self._reachable = ""
        self._reason = ""
        self._looked_at = -inf
        self._back_at: float | None = -inf

    def review(self, address: str, finding: Finding) -> Finding:
        """Return what a finding about a server is worth: UNKNOWN when its cause is on this host."""
        if finding.outcome is Outcome.TIMEOUT or finding.unreached:
            return self._silent(address, finding)
        if finding.outcome in (Outcome.PASS, Outcome.FAIL):
            self._hear(address)
        return finding

    def forget(self, address: str) -> None:
        """A server is no longer asked."""
        self._gateways.pop(split(address)[0], None)
        self._answered.discard(address)

    def _hear(self, address: str) -> None:
        ip, _ = split(address)
        try:
            route = self._look(ip)
        except OSError:
            return
        if not route.obstacle:
            self._gateways[ip] = route.gateway
            self._answered.add(address)
            self._over()

    def _silent(self, address: str, finding: Finding) -> Finding:
        now = self._clock()
        reason = self._cause(now)
        if reason:
            self._back_at = None
            self._answered.clear()
            if not self._reason:
                self._tell(reason)
            self._reason = reason
            return replace(finding, outcome=Outcome.UNKNOWN, detail=f"this host is cut off: {reason}")
        if self._back_at is None:
            self._back_at = now
        # Its run may have begun while the host was cut off, whoever else has answered meanwhile.
        if address not in self._answered and now - self._back_at < self._settle:
            detail = f"this host was cut off until just now: {finding.detail}"
            return replace(finding, outcome=Outcome.UNKNOWN, detail=detail)
        self._over()
        return finding

    def _over(self) -> None:
        if self._reason:
            self._reason, self._looked_at = "", -inf
            self._back_at = self._clock() if self._back_at is None else self._back_at
            self._tell("")

    def _cause(self, now: float) -> str:
        """Say why nobody of the pool can be reached from here; empty: somebody can, for all we know."""
        if self._reason and now - self._looked_at < LOOK_EVERY:
            return self._reason
        causes: dict[str, None] = {}
        # The server that was reached last time is asked about first: in a large pool this is one question.
        for ip in sorted(self._everybody(), key=lambda ip: ip != self._reachable):
            cause = self._obstacle(ip)
            if not cause:
                self._reachable, self._looked_at = ip, -inf
                return ""
            causes.setdefault(cause)
        self._looked_at = now
        first, *more = causes or {"": None}
        return f"{first}, and {len(more)} more" if more else first

    def _obstacle(self, ip: str) -> str:
        try:
            route = self._look(ip)
        except OSError:
            return ""  # The kernel does not say: no evidence, so the server is judged as always.
        if route.obstacle:
            return route.obstacle
        if route.gateway and self._gateways.get(ip, route.gateway) != route.gateway:
            # A default route of another interface is no way to a network that was on the link.
            return f"{ip} is routed to {route.gateway} since its own network is gone"
        return ""
