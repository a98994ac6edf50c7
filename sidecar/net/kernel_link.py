"""One interface and its addresses, as the kernel's messages describe them."""

import socket
from dataclasses import dataclass, field
from ipaddress import IPv6Interface, ip_interface
from typing import Any, Final

from sidecar.core.params import Vip
from sidecar.net.mark import is_ours

_IFF_UP: Final = 0x1
_IFF_UP_AND_RUNNING: Final = _IFF_UP | 0x40
_SECONDARY: Final = 0x01  # IFA_F_SECONDARY; of an IPv6 address IFA_F_TEMPORARY
_DUPLICATE: Final = 0x08  # IFA_F_DADFAILED
_DEPRECATED: Final = 0x20
_UNUSABLE: Final = _DUPLICATE | 0x40  # IFA_F_TENTATIVE
_STACKED: Final = "macvlan"


@dataclass(frozen=True, slots=True)
class Held:
    """One address of the kernel."""

    interface: Vip
    flags: int
    ours: bool

    @property
    def of_one_link(self) -> bool:
        """Whether the same address on another link is another address."""
        return isinstance(self.interface, IPv6Interface) and self.interface.is_link_local

    @property
    def duplicate(self) -> bool:
        """Whether another host has it, so that the kernel does not use it."""
        return bool(self.flags & _DUPLICATE)

    @property
    def usable(self) -> bool:
        """Whether packets can be sent from it."""
        return not self.flags & _UNUSABLE

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Order of preference as a source: link-local, not deprecated, primary ones first."""
        return not self.of_one_link, self.flags & _DEPRECATED, self.flags & _SECONDARY


@dataclass(slots=True)
class Link:
    """`segment` is the index of the interface on the wire: of a macvlan the one below it.

    `up`: it can carry something; `enabled`: somebody wants it to.
    """

    index: int
    segment: int
    name: str = ""
    up: bool = False
    enabled: bool = False
    mac: bytes = b""
    kind: str = ""
    group: int = 0
    ipv6: bool = False
    forwarding: bool = False
    addresses: dict[Vip, Held] = field(default_factory=dict)

    def take(self, message: Any) -> None:
        """Take what a message says of the link. What it leaves out stays as it was."""
        self.name = message.get_attr("IFLA_IFNAME") or self.name
        self.up = message["flags"] & _IFF_UP_AND_RUNNING == _IFF_UP_AND_RUNNING
        self.enabled = bool(message["flags"] & _IFF_UP)
        mac = message.get_attr("IFLA_ADDRESS")
        if mac is not None:
            self.mac = bytes.fromhex(mac.replace(":", ""))
        families = message.get_attr("IFLA_AF_SPEC")
        # A bridge speaks of its ports in a family of its own, a radio of its scans: neither says all this.
        if message["family"] != socket.AF_UNSPEC or families is None:
            return
        info = message.get_attr("IFLA_LINKINFO")
        self.kind = (info.get_attr("IFLA_INFO_KIND") if info is not None else None) or ""
        self.group = message.get_attr("IFLA_GROUP") or 0
        self.segment = self._segment(message)
        ipv6 = families.get_attr("AF_INET6")
        settings = ipv6.get_attr("IFLA_INET6_CONF") if ipv6 is not None else None
        self.ipv6 = settings is not None
        # Without IPv6 on it, the host does not route IPv6 from it.
        self.forwarding = settings is not None and bool(settings["forwarding"])

    def _segment(self, message: Any) -> int:
        below = message.get_attr("IFLA_LINK")
        # In a container the interface below a macvlan is in another namespace, where numbers mean others.
        if self.kind != _STACKED or below is None or message.get_attr("IFLA_LINK_NETNSID") is not None:
            return self.index
        return int(below)


def held_address(message: Any, *, marks: bool) -> Held:
    """Return the address that a message is about. `marks`: whether this kernel keeps IFA_PROTO."""
    address = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
    flags = message.get_attr("IFA_FLAGS") or message["flags"]
    ours = is_ours(message.get_attr("IFA_PROTO"), flags, marks=marks)
    return Held(ip_interface(f"{address}/{message['prefixlen']}"), flags, ours)
