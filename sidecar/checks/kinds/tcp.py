"""The tcp check: the target's kernel completes a handshake. It says nothing about the program behind it."""

from dataclasses import dataclass

from sidecar.checks import os_errors
from sidecar.checks.dial import Dial, hang_up
from sidecar.checks.idle_connection_watch import IdleConnectionWatch
from sidecar.checks.probe import Finding, ProbeProgress, Tools, Watch
from sidecar.checks.schedule import Polled, pace_of
from sidecar.core.health.result import Outcome
from sidecar.plan.check import TcpCheck


def build(check: TcpCheck, tools: Tools) -> Watch:
    """Return the watch of a tcp check."""
    dial = Dial(check.endpoint.host, check.endpoint.port, tools.resolver)
    pace = pace_of(check)
    return Polled(TcpProbe(dial), pace, tools.stalls, IdleConnectionWatch(dial, pace.deadline))


@dataclass(frozen=True, slots=True)
class TcpProbe:
    """Connects and hangs up."""

    dial: Dial

    async def __call__(self, phase: ProbeProgress) -> Finding:
        """Pass when a connection opens."""
        phase.reached = "not connected"
        try:
            _, writer = await self.dial.open(phase=phase)
        except OSError as error:
            return os_errors.unconnected(error, self.dial.host)
        hang_up(writer)
        return Finding(Outcome.PASS, "connected")
