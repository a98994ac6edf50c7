"""One probe of one server, layer by layer: the first layer that fails is the answer."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from sidecar.checks.dial import Dial
from sidecar.checks.http.trust import Trust
from sidecar.checks.kinds.http import HttpProbe, request, without_port
from sidecar.checks.kinds.icmp import IcmpProbe
from sidecar.checks.kinds.tcp import TcpProbe
from sidecar.checks.probe import Finding, Probe, ProbeProgress
from sidecar.checks.resolve import Resolver
from sidecar.core.health.result import Outcome
from sidecar.plan.endpoints import HttpUrl
from sidecar.plan.pool import PoolCheck

_OF_ANOTHER_NAME: Final = (
    "status 400",
    "status 403",
    "status 404",
    "status 421",
    "closed the connection: no status line",
    "TLS failed: tlsv1 unrecognized name",
    "TLS failed: sslv3 alert handshake failure",
    "bad certificate: IP address mismatch",
)
"""How servers answer that know no site of the requested name: frameworks, proxies, nginx's 444, SNI."""
_SET_HOST: Final = "; the probe sends its address as Host, `check.host` sets what nginx sends"


@dataclass(frozen=True, slots=True)
class LayeredProbe:
    """Asks the layers in order. Their deadline is one and the caller's.

    `advice` is added to a failure that another Host header may mend.
    """

    layers: tuple[tuple[str, Probe], ...]
    advice: str = ""

    async def __call__(self, phase: ProbeProgress) -> Finding:
        """Pass when every layer passes; the detail is that of the last one asked."""
        finding = Finding(Outcome.ERROR, "nothing was asked")
        for name, probe in self.layers:
            own = ProbeProgress()
            try:
                finding = await probe(own)
            finally:
                # When the deadline of the caller cancels us, it reads what was reached.
                phase.reached = f"{name}: {own.reached}"
            detail = f"{name}: {finding.detail}"
            if finding.outcome is not Outcome.PASS:
                advice = self.advice if finding.detail.startswith(_OF_ANOTHER_NAME) else ""
                return replace(finding, detail=f"{detail}{advice}")
            finding = Finding(Outcome.PASS, detail)
        return finding


def layered(check: PoolCheck, ip: str, port: int, resolver: Resolver) -> LayeredProbe:
    """Return the probe of one address of a server."""
    advice = _SET_HOST if check.host is None else ""
    return LayeredProbe(tuple(_layers(check, ip, port, resolver)), advice)


def _layers(check: PoolCheck, ip: str, port: int, resolver: Resolver) -> Iterator[tuple[str, Probe]]:
    if check.icmp:
        yield "icmp", IcmpProbe(ip_address(ip))
    if check.tcp:
        yield "tcp", TcpProbe(Dial(ip, port, resolver))
    if check.http is not None:
        yield (
            "http",
            _http(check, check.http, Dial(ip, check.port or port, resolver, server_name=_name(check))),
        )


def _http(check: PoolCheck, target: str, dial: Dial) -> HttpProbe:
    url = HttpUrl(check.tls, dial.host, dial.port, target)
    return HttpProbe(
        dial,
        request(url, check.method, check.host, check.headers),
        check.expect,
        _trust(verify=check.verify, ca=check.ca) if check.tls else None,
        bodiless=check.method == "HEAD",
    )


def _name(check: PoolCheck) -> str | None:
    """The name that TLS sends and verifies; None: the address, which is never sent."""
    return check.sni or (None if check.host is None else without_port(check.host))


@lru_cache(maxsize=64)
def _trust(*, verify: bool, ca: str | None) -> Trust:
    """One for all servers of a pool: reading the authorities takes longer than a probe."""
    return Trust(verify=verify, ca=ca)
