"""One probe of one server, layer by layer: the first layer that fails is the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from sidecar.checks.dial import Dial
from sidecar.checks.http import HttpProbe, request
from sidecar.checks.icmp import IcmpProbe
from sidecar.checks.probe import Finding, Phase, Probe
from sidecar.checks.resolve import Resolver
from sidecar.checks.tcp import TcpProbe
from sidecar.config.model import Expect
from sidecar.config.pool_model import PoolCheck
from sidecar.config.scalars import HttpUrl
from sidecar.core.events import Outcome


@dataclass(frozen=True, slots=True)
class LayeredProbe:
    """Asks the layers in order. Their deadline is one and the caller's."""

    layers: tuple[tuple[str, Probe], ...]

    async def __call__(self, phase: Phase) -> Finding:
        """Pass when every layer passes; the detail is that of the last one asked."""
        finding = Finding(Outcome.ERROR, "nothing was asked")
        for name, probe in self.layers:
            own = Phase()
            try:
                finding = await probe(own)
            finally:
                # When the deadline of the caller cancels us, it reads what was reached.
                phase.reached = f"{name}: {own.reached}"
            detail = f"{name}: {finding.detail}"
            if finding.outcome is not Outcome.PASS:
                return Finding(finding.outcome, detail, finding.certain)
            finding = Finding(Outcome.PASS, detail)
        return finding


def layered(check: PoolCheck, ip: str, port: int, resolver: Resolver) -> LayeredProbe:
    """Return the probe of one address of a server."""
    return LayeredProbe(tuple(_layers(check, ip, port, resolver)))


def _layers(check: PoolCheck, ip: str, port: int, resolver: Resolver) -> Iterator[tuple[str, Probe]]:
    dial = Dial(ip, port, resolver)
    if check.icmp:
        yield "icmp", IcmpProbe(ip_address(ip))
    if check.tcp:
        yield "tcp", TcpProbe(dial)
    if check.http is not None:
        expect = Expect(status=check.expect.status, body=check.expect.body)
        yield "http", HttpProbe(dial, request(HttpUrl(False, ip, port, check.http)), expect)
