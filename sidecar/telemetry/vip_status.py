"""The VIPs of a router in the shape of /status.json, and the machines that answer for them. Pure."""

from typing import Final

from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.wire.captured import Word
from sidecar.telemetry import document
from sidecar.telemetry.lan.evidence import WORD
from sidecar.telemetry.lan.findings import GRACE
from sidecar.telemetry.status_store import View

_EARLIER: Final = GRACE
"""Seconds after a takeover within which what the host before it said may still arrive."""


def addresses(router: RouterSnapshot, view: View) -> list[document.VipClaim]:
    """Return each VIP, as the kernel of this host last said."""
    rules = view.rules.of(router.name)
    mac = rules.mac if rules is not None and rules.mac else view.lan.macs.get(router.interface)
    owned = router.owned if view.believed else frozenset()
    shown: list[document.VipClaim] = []
    for vip in router.vips:
        here = vip in owned
        claim: document.VipClaim = {
            "address": str(vip),
            "desired": router.desired,
            "owned": here,
            "mac": mac if here else None,
        }
        if vip in router.unadvertised:
            claim["advertised"] = False
        shown.append(claim)
    return shown


def claims(router: RouterSnapshot, view: View) -> list[document.Claim]:
    """Return the other machines that said within the last seconds that they have a VIP, the latest first.

    Every ten seconds a host that has one says so. What was said before this host took over is no claim.
    """
    vips = {vip.ip: vip for vip in router.vips}
    owned = router.owned if view.believed else frozenset()
    found: list[document.Claim] = []
    for said in sorted(view.lan.words, key=lambda each: -each.last):
        vip = vips.get(said.address)
        if vip is None or said.word is not Word.CLAIMS or said.interface != router.interface:
            continue
        if view.now - said.last > WORD or said.mac in view.lan.own:
            continue
        if vip in owned and said.last < router.since + _EARLIER:
            continue
        sender = view.lan.of_mac(said.mac)
        found.append(
            {
                "address": str(said.address),
                "mac": said.mac,
                "source": None if sender is None else str(sender.source),
                "age_seconds": round(max(0.0, view.now - said.last), 3),
            }
        )
    return found
