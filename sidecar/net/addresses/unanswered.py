"""Why neighbours would get no answer for the VIPs of a router, though the kernel has them."""

from typing import Final

from sidecar.core.params import RouterParams
from sidecar.net.kernel.host_address import HOST_SCOPE, NO_HOST_SCOPE, settings
from sidecar.net.kernel.link import Link
from sidecar.setting_name import setting_name

_IPV4: Final = 4
_NOTHING: Final = 8
"""Value of arp_ignore: no answers at all."""


class Unanswered:
    """Answers from one look to the next from what the settings were then: routers share interfaces."""

    def __init__(self) -> None:
        self._arp_ignore: dict[str, dict[str, int]] = {}

    def look_again(self) -> None:
        """Read the settings anew when they are asked for next."""
        self._arp_ignore.clear()

    def why(self, router: RouterParams, link: Link | None) -> str:
        """Return it as a sentence with what mends it, "" if they get one.

        The interface of a virtual MAC has settings of its own.
        """
        if link is None or router.virtual_mac:
            return ""
        if link.mute:
            mend = f"`ip link set {link.name} arp on`"
            return f"{link.name} resolves no neighbours, so nobody finds the VIP: {mend}"
        if router.family != _IPV4:
            return ""
        if link.name not in self._arp_ignore:
            self._arp_ignore[link.name] = settings(link.name, "arp_ignore")
        found = self._arp_ignore[link.name]
        worst = max(found.values(), default=0)
        if worst == _NOTHING or (worst == NO_HOST_SCOPE and _has_host_scope(router, link)):
            name = setting_name(next(where for where, value in found.items() if value == worst), "arp_ignore")
            return f"{name} is {worst}, so no ARP request for the VIP is answered: `sysctl -w {name}=1`"
        return ""


def _has_host_scope(router: RouterParams, link: Link) -> bool:
    """Whether VIPs were added before arp_ignore was 3. Added anew they are answered for."""
    vips = {vip.ip for vip in router.addresses}
    return any(
        held.ours and held.scope == HOST_SCOPE and held.interface.ip in vips
        for held in link.addresses.values()
    )
