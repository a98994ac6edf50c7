"""A VIP that is set on this host by something else than a sidecar: it cannot move."""

from collections.abc import Iterator
from typing import Final

from sidecar.core.address import removal
from sidecar.core.params import RouterParams
from sidecar.doctor.evidence import Evidence, Place, setting
from sidecar.doctor.problem import Problem, Severity, Unseen

_IPV6: Final = 6
_SILENT: Final = frozenset({1, 2})
"""Values of arp_ignore with which an interface answers for its own addresses alone."""


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Look for each VIP on every interface."""
    if isinstance(evidence.kernel, Unseen):
        yield evidence.kernel
        return
    for router in evidence.routers:
        vips = {vip.ip for vip in router.addresses}
        for place in evidence.kernel.places:
            if place.address.ip in vips and not place.ours and not _harmless(router, place, evidence):
                yield _problem(router, place)


def _harmless(router: RouterParams, place: Place, evidence: Evidence) -> bool:
    """On `lo` or a dummy a server can listen on a VIP that is elsewhere, if nobody answers for it there."""
    device = evidence.device(router)
    if not place.leads_nowhere or device is None or place.device == device.name:
        return False
    silent = setting(evidence.settings, device.name, "arp_ignore") in _SILENT
    return place.address.version == _IPV6 or router.virtual_mac or silent


def _problem(router: RouterParams, place: Place) -> Problem:
    return Problem(
        router.name,
        Severity.FAULT,
        f"{place.address.ip} is on {place.device} already, and no sidecar has put it there",
        f"`ip address show dev {place.device}` has {place.address} without the sidecar's mark (proto 0x56)",
        "an address that somebody else set stays when the VIP moves, so two hosts answer for it; "
        "the router is in FAULT until it is gone. Look for it in netplan, "
        "/etc/network/interfaces, systemd-networkd, NetworkManager and keepalived.conf, else it comes back",
        f"{removal(place.address, place.peer, place.device)}   # once what has set it is stopped",
    )
