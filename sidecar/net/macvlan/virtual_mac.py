"""The interface that has the MAC address of a virtual router: how it is made, and known as ours.

A macvlan in bridge mode above the interface of the router. Bridge mode is the one in which the
interface below still hears a peer that sends from the same virtual MAC. The settings are those of this
interface alone; nothing of the host is changed.
"""

import struct
from dataclasses import dataclass
from typing import Final

from sidecar.core.address import Vip
from sidecar.core.params import RouterParams
from sidecar.net.kernel.attributes import attribute, nested, text
from sidecar.net.kernel.link import Link

MARK: Final = 0x76697073
"""Group of our macvlans (`ip link show group 1986621555`): the one mark that is set as they are made."""

_ADDRESS: Final = 1  # IFLA_ADDRESS
_NAME: Final = 3
_LINK: Final = 5
_LINKINFO: Final = 18
_ALIAS: Final = 20
_AF_SPEC: Final = 26
_GROUP: Final = 27
_INFO_KIND, _INFO_DATA = 1, 2
_MODE: Final = 1  # IFLA_MACVLAN_MODE
_BRIDGE: Final = 4
_AF_INET, _AF_INET6 = 2, 10
_INET_CONF: Final = 1
_ADDR_GEN_MODE, _NO_ADDRESS = 8, 1
_SETTINGS: Final = {
    8: 2,  # rp_filter: loose. The way back to a client is by the interface below.
    18: 2,  # arp_announce: never ask with the address of another interface, and with this MAC.
    19: 1,  # arp_ignore: answer for the addresses of this interface alone.
}


@dataclass(frozen=True, slots=True)
class Macvlan:
    """One of them: `name`, the interface `below`, its MAC address and the VIPs that it is for."""

    router: str
    name: str
    below: str
    mac: bytes
    vips: tuple[Vip, ...]

    def is_ours(self, link: Link) -> bool:
        """Whether an interface of this name was made by a sidecar for this purpose."""
        return link.kind == "macvlan" and link.group == MARK and link.mac == self.mac

    def creation(self, below: int) -> bytes:
        """Return the attributes to make it with, above the interface of this index."""
        return (
            attribute(_LINK, _number(below))
            + text(_NAME, self.name)
            + attribute(_ADDRESS, self.mac)
            + attribute(_GROUP, _number(MARK))
            + nested(
                _LINKINFO,
                text(_INFO_KIND, "macvlan"),
                nested(_INFO_DATA, attribute(_MODE, _number(_BRIDGE))),
            )
        )

    def settings(self, *, ipv6: bool) -> bytes:
        """Return the attributes to set before it is up. Its alias is for people.

        `ipv6`: there is IPv6 on it, which must not give it an address of the kernel's choice.
        """
        values = b"".join(attribute(key, _number(value)) for key, value in _SETTINGS.items())
        families = [nested(_AF_INET, nested(_INET_CONF, values))]
        if ipv6:
            families.append(nested(_AF_INET6, attribute(_ADDR_GEN_MODE, bytes((_NO_ADDRESS,)))))
        return text(_ALIAS, f"vip-sidecar, virtual router {self.router}") + nested(_AF_SPEC, *families)


def macvlan(router: RouterParams) -> Macvlan | None:
    """Return the macvlan that a router needs, if it has a MAC address of its own."""
    if router.mac is None:
        return None
    return Macvlan(router.name, router.vip_interface, router.interface, router.mac, router.addresses)


def _number(value: int) -> bytes:
    return struct.pack("=I", value)
