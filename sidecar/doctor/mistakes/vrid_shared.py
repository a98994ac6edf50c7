"""Another service with our VRID on the same LAN."""

from collections.abc import Iterator, Sequence
from typing import Final

from sidecar.core.params import RouterParams
from sidecar.core.wire.advert import Advert
from sidecar.core.wire.constants import GROUPS
from sidecar.doctor.evidence import Evidence, Heard
from sidecar.doctor.problem import Problem, Severity, Unseen

_VRIDS: Final = range(1, 256)
_NAMED: Final = 4


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Look for adverts of our VRID that name none of our VIPs."""
    if isinstance(evidence.air, Unseen):
        yield evidence.air
        return
    for router in evidence.routers:
        for heard, advert in _others(router, evidence):
            yield _problem(router, evidence, heard, advert)
            break


def _others(router: RouterParams, evidence: Evidence) -> Iterator[tuple[Heard, Advert]]:
    vips = {vip.ip for vip in router.addresses}
    for heard in evidence.heard(router):
        advert = heard.advert
        if advert is None or advert.vrid != router.vrid or not vips.isdisjoint(advert.addresses):
            continue
        # A router that uses unicast lives with multicast of its VRID in peace.
        if router.unicast is None or heard.packet.destination != GROUPS[router.family]:
            yield heard, advert


def _problem(router: RouterParams, evidence: Evidence, heard: Heard, advert: Advert) -> Problem:
    used = {each.vrid for other in evidence.heard(router) if (each := other.advert) is not None}
    used |= {other.vrid for other in evidence.routers}
    free = next((vrid for vrid in (*_VRIDS[router.vrid :], *_VRIDS) if vrid not in used), None)
    mend = "every VRID is used here: put one of the services into another VLAN"
    if free is not None:
        mend = f"vrid: {free}   # on all hosts of {router.name}; in use here: {_list(sorted(used))}"
    return Problem(
        router.name,
        Severity.WARNING,
        f"another service uses VRID {router.vrid} on {heard.packet.interface}",
        f"{heard.packet.source} ({heard.mac}) advertises {_list(advert.addresses)} with VRID {router.vrid}, "
        f"priority {advert.priority}",
        "both services refuse each other's adverts; with `virtual_mac` they share a MAC address, "
        "and keepalived from 2.3.3 on follows such an advert and lets its VIP go",
        mend,
    )


def _list(values: Sequence[object]) -> str:
    more = len(values) - _NAMED
    shown = ", ".join(map(str, values[:_NAMED])) or "no address"
    return f"{shown} and {more} more" if more > 0 else shown
