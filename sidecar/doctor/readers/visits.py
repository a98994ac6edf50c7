"""The requests of the checks, sent to the VIPs as a visitor sends them."""

import asyncio
from collections.abc import Iterable
from typing import Final

from sidecar.checks import os_errors
from sidecar.checks.dial import Dial, hang_up
from sidecar.checks.http.trust import Trust
from sidecar.checks.kinds.http import HttpProbe, request, without_port
from sidecar.checks.probe import ProbeProgress
from sidecar.checks.resolve import Resolver
from sidecar.core.address import Address
from sidecar.core.health.result import Outcome
from sidecar.doctor.evidence import Visit
from sidecar.plan.check import HttpCheck, TcpCheck
from sidecar.plan.request import Expect

_TIMEOUT: Final = 2.0
_MOST: Final = 32
"""Visits of one examination, all at the same time."""

Target = tuple[HttpCheck | TcpCheck, Address, bool]
"""A check, a VIP, and whether that VIP is on this host."""


def visit_all(targets: Iterable[Target]) -> tuple[Visit, ...]:
    """Ask each once, all together. Takes two seconds at most; needs no capability."""
    return asyncio.run(_visit_all(tuple(targets)[:_MOST]))


async def _visit_all(targets: tuple[Target, ...]) -> tuple[Visit, ...]:
    resolver = Resolver()
    return tuple(await asyncio.gather(*(_visit(resolver, *target) for target in targets)))


async def _visit(resolver: Resolver, check: HttpCheck | TcpCheck, vip: Address, local: bool) -> Visit:
    port = check.endpoint.port if isinstance(check, TcpCheck) else check.url.port
    phase = ProbeProgress()
    connected, passed, detail = False, False, ""
    try:
        async with asyncio.timeout(_TIMEOUT):
            if isinstance(check, TcpCheck):
                _, writer = await Dial(str(vip), port, resolver).open(phase=phase)
                hang_up(writer)
                passed, detail = True, "connected"
            else:
                finding = await _probe(check, vip, resolver)(phase)
                passed, detail = finding.outcome is Outcome.PASS, finding.detail
    except TimeoutError:
        detail = f"no answer within {_TIMEOUT:g} s: {phase.reached}"
    except OSError as error:
        detail = os_errors.finding(error).detail
    connected = "connect" in phase.took
    return Visit(check.name, vip, port, connected, passed, detail, local)


def _probe(check: HttpCheck, vip: Address, resolver: Resolver) -> HttpProbe:
    """Return the check's own request, to the VIP. Raises OSError for authorities that cannot be read."""
    url = check.url
    name = check.sni or without_port(check.host or url.host)
    tls = Trust(verify=check.verify, ca=check.ca) if url.tls else None
    return HttpProbe(
        Dial(str(vip), url.port, resolver, None, name),
        request(url, check.method, check.host, check.headers),
        # A pattern takes a program that searches; status and text say enough here.
        Expect(check.expect.status, check.expect.body),
        tls,
        bodiless=check.method == "HEAD",
    )
