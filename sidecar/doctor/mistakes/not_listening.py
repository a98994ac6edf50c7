"""A server that does not listen where visitors of the VIP come."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from sidecar.core.address import Address
from sidecar.core.params import RouterParams
from sidecar.doctor.evidence import Evidence, Listening
from sidecar.doctor.problem import Problem, Severity, Unseen
from sidecar.plan.check import AnyCheck, HttpCheck, NginxCheck, TcpCheck

_USUAL: Final = frozenset({80, 443})
"""Ports of a site; a check may ask another one, such as that of a status page."""
_NONLOCAL: Final = {4: "net.ipv4.ip_nonlocal_bind", 6: "net.ipv6.ip_nonlocal_bind"}


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Compare the sockets that listen with the ports of the checks, for each VIP."""
    if isinstance(evidence.listening, Unseen):
        yield evidence.listening
        return
    targets = tuple(_targets(evidence))
    for router in evidence.routers:
        for vip in router.addresses:
            yield from _unreached(router, vip.ip, targets, evidence.listening)
            yield from _bound(router, vip.ip, evidence, evidence.listening)


def _targets(evidence: Evidence) -> Iterator[tuple[str, int]]:
    """Yield the names and ports of the checks that ask this host."""
    own = _own(evidence)
    for check in evidence.plan.checks:
        place = endpoint(check)
        if place is not None and (place[0] == "localhost" or _is_here(place[0], own)):
            yield check.name, place[1]


def endpoint(check: AnyCheck) -> tuple[str, int] | None:
    """Return host and port that a check connects to, None if it is none of these."""
    match check:
        case TcpCheck():
            return check.endpoint.host, check.endpoint.port
        case HttpCheck() | NginxCheck():
            return None if check.url.unix_socket else (check.url.host, check.url.port)
        case _:
            return None


def _own(evidence: Evidence) -> set[Address]:
    own = {vip.ip for router in evidence.routers for vip in router.addresses}
    if not isinstance(evidence.kernel, Unseen):
        own |= {vip.ip for device in evidence.kernel.all_devices for vip in device.own}
    return own


def _is_here(host: str, own: set[Address]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address in own


def _unreached(
    router: RouterParams, vip: Address, targets: tuple[tuple[str, int], ...], listening: tuple[Listening, ...]
) -> Iterator[Problem]:
    """A check passes on one address while no socket of the site takes what is sent to the VIP."""
    ports = {port for _, port in targets}
    if not targets or any(_serves(each, vip) for each in listening if each.port in ports | _USUAL):
        return
    for name, port in targets:
        bound = sorted({str(each.address) for each in listening if each.port == port})
        if bound:
            yield Problem(
                router.name,
                Severity.FAULT,
                f"nothing listens on {vip} where visitors come",
                f"check {name} asks port {port}, where a server listens on {', '.join(bound)} "
                f"alone; no server listens on all addresses, or on {vip}, on this port or on 80 and 443",
                "the check passes, the VIP moves here, and its visitors are refused",
                f"listen {port};   # in nginx.conf, instead of an address",
            )
            return


def _serves(each: Listening, vip: Address) -> bool:
    """Whether this socket takes connections to the VIP. One of `::` usually takes those of IPv4, too."""
    return each.address == vip or (each.address.is_unspecified and each.address.version >= vip.version)


def _bound(
    router: RouterParams, vip: Address, evidence: Evidence, listening: tuple[Listening, ...]
) -> Iterator[Problem]:
    """A server that is bound to the VIP cannot start on the host that does not have it."""
    name = _NONLOCAL[vip.version]
    ports = sorted({each.port for each in listening if each.address == vip})
    if ports and evidence.settings.get(name) == 0:
        yield Problem(
            router.name,
            Severity.WARNING,
            f"a server listens on {vip} itself",
            f"port {', '.join(map(str, ports))} of {vip}; {name} = 0",
            "it cannot start while the other host has the VIP: after a restart the standby has "
            "no server. Docker's "
            f'`ports: ["{vip}:{ports[0]}:{ports[0]}"]` is the same',
            f"sysctl -w {name}=1",
        )
