"""One interface and its addresses, as the kernel's messages describe them."""

import socket
from dataclasses import dataclass, field
from ipaddress import IPv6Interface, ip_interface
from itertools import count
from typing import Final

from sidecar.core.address import Vip
from sidecar.net.kernel.rtnetlink import (
    ADDRESS,
    LINK,
    NUMBER,
    SIGNED,
    attributes,
    each_attribute,
    nested,
    text,
)
from sidecar.net.ownership import is_ours

IP_FAMILIES: Final = frozenset({socket.AF_INET, socket.AF_INET6})
"""A dump of all addresses may have those of others (MCTP, Phonet), of which nothing here is true."""

_IFF_UP: Final = 0x1
_IFF_LOOPBACK: Final = 0x8
_IFF_NOARP: Final = 0x80
_IFF_UP_AND_RUNNING: Final = _IFF_UP | 0x40
_SECONDARY: Final = 0x01  # IFA_F_SECONDARY; of an IPv6 address IFA_F_TEMPORARY
_DUPLICATE: Final = 0x08  # IFA_F_DADFAILED
_DEPRECATED: Final = 0x20
_UNUSABLE: Final = _DUPLICATE | 0x40  # IFA_F_TENTATIVE
_DUMMY: Final = "dummy"
_STACKED: Final = "macvlan"
_ETHERNET: Final = 1  # ARPHRD_ETHER
_SILENT_KINDS: Final = frozenset({"dummy", "ipvlan", "ipvtap", "vrf", "ifb"})
"""Kinds that look like Ethernet and resolve no neighbours by nature."""

_MAC, _NAME, _MTU, _BELOW, _MASTER, _INFO, _AF_SPEC, _GROUP, _BELOW_ELSEWHERE, _PROPERTIES = (
    1,
    3,
    4,
    5,
    10,
    18,
    26,
    27,
    37,
    52,
)
_INFO_KIND, _INFO_PORT_KIND = 1, 4
_INET6_CONF: Final = 2
_CONF_FORWARDING, _CONF_MTU = 0, 8
"""Where these are in the array of IFLA_INET6_CONF, in bytes: DEVCONF_FORWARDING and DEVCONF_MTU6."""
_ALTERNATIVE_NAME: Final = 53
_ADDRESS, _LOCAL, _FLAGS, _PROTO = 1, 2, 8, 11


@dataclass(frozen=True, slots=True)
class Held:
    """One address of the kernel."""

    interface: Vip
    flags: int
    ours: bool
    scope: int = 0
    peer: str = ""
    """The other end of a point-to-point address, as `ip address` shows it; "": there is none."""

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


_LIVES: Final = count()

AddressKey = tuple[bytes, int, bytes]
"""An address, packed, its prefix length and the other end of a point-to-point address of IPv4, packed, else
nothing: what the kernel tells two addresses of a link apart by."""


@dataclass(slots=True)
class Link:
    """`segment` is the index of the interface on the wire: of a macvlan the one below it.

    `up`: it can carry something; `enabled`: somebody wants it to; `other_names`: its altnames.
    `mute`: neither ARP nor neighbour discovery works on it (`arp off`), though it is an Ethernet.
    `ipv6_mtu` is the limit of IPv6 on it, which IPv6 routers may set (RFC 4861 section 4.6.4). 0: not known.
    `master` is the index of the interface that this one is a part of, 0 if of none, `port_kind` its kind.
    `lives` by IP version are other numbers after anything by which the kernel may have forgotten the groups
    that were joined, though the index is the same: it was in another namespace, or its MTU was too small.
    """

    index: int
    segment: int
    name: str = ""
    other_names: tuple[str, ...] = ()
    up: bool = False
    enabled: bool = False
    loopback: bool = False
    mute: bool = False
    mac: bytes = b""
    mtu: int = 0
    ipv6_mtu: int = 0
    kind: str = ""
    master: int = 0
    port_kind: str = ""
    group: int = 0
    ipv6: bool = False
    forwarding: bool = False
    addresses: dict[AddressKey, Held] = field(default_factory=dict)
    lives: dict[int, int] = field(default_factory=lambda: {4: next(_LIVES), 6: next(_LIVES)})

    def forget(self, key: AddressKey) -> bool:
        """Take an address away. Return whether it was there."""
        held = self.addresses.pop(key, None)
        if held is None:
            return False
        version = held.interface.version
        if all(other.interface.version != version for other in self.addresses.values()):
            self.lives = self.lives | {version: next(_LIVES)}
        return True

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the kernel knows it by."""
        return self.name, *self.other_names

    @property
    def leads_nowhere(self) -> bool:
        """Whether it is connected to no LAN: loopback, or a dummy, which is used as loopback is."""
        return self.loopback or self.kind == _DUMMY

    @property
    def least_mtu(self) -> int:
        """Bytes of the greatest packet of any family, 0 if that is not known.

        IPv6 has at least 1280, which every list of IPv4 addresses fits into.
        """
        return min(self.mtu, self.ipv6_mtu) if self.ipv6_mtu else self.mtu

    def take(self, data: bytes, at: int, end: int) -> None:
        """Take what a message says of the link. Everything else stays as it was."""
        family, hardware, _, flags, _ = LINK.unpack_from(data, at)
        said = attributes(data, at + LINK.size, end)
        self.name = text(said.get(_NAME, b"")) or self.name
        self.up = flags & _IFF_UP_AND_RUNNING == _IFF_UP_AND_RUNNING
        self.enabled = bool(flags & _IFF_UP)
        self.loopback = bool(flags & _IFF_LOOPBACK)
        self.mac = said.get(_MAC, self.mac)
        self.mtu = NUMBER.unpack(said[_MTU])[0] if _MTU in said else self.mtu
        # A bridge speaks of its ports in a family of its own, a radio of its scans: neither says all this.
        if family != socket.AF_UNSPEC or _AF_SPEC not in said:
            return
        others = each_attribute(said.get(_PROPERTIES, b""), 0, len(said.get(_PROPERTIES, b"")))
        self.other_names = tuple(text(value) for kind, value in others if kind == _ALTERNATIVE_NAME)
        info = nested(said.get(_INFO, b""))
        self.kind = text(info.get(_INFO_KIND, b""))
        self.master = NUMBER.unpack(said[_MASTER])[0] if _MASTER in said else 0
        noarp = hardware == _ETHERNET and bool(flags & _IFF_NOARP)
        self.mute = noarp and self.kind not in _SILENT_KINDS
        self.port_kind = text(info.get(_INFO_PORT_KIND, b""))
        self.group = NUMBER.unpack(said[_GROUP])[0] if _GROUP in said else 0
        self.segment = self._segment(said)
        settings = nested(nested(said[_AF_SPEC]).get(socket.AF_INET6, b"")).get(_INET6_CONF)
        self.ipv6 = settings is not None
        # Without IPv6 on it, the host does not route IPv6 from it.
        self.forwarding = _setting(settings, _CONF_FORWARDING) != 0
        self.ipv6_mtu = _setting(settings, _CONF_MTU)

    def _segment(self, said: dict[int, bytes]) -> int:
        # In a container the interface below a macvlan is in another namespace, where numbers mean others.
        if self.kind != _STACKED or _BELOW not in said or _BELOW_ELSEWHERE in said:
            return self.index
        return int(NUMBER.unpack(said[_BELOW])[0])


def _setting(settings: bytes | None, at: int) -> int:
    known = settings is not None and len(settings) >= at + SIGNED.size
    return int(SIGNED.unpack_from(settings or b"", at)[0]) if known else 0


def address_key(data: bytes, at: int, end: int) -> AddressKey:
    """Return which address a message is about, and look no further than there."""
    family, length, packed, peer = data[at], data[at + 1], b"", b""
    for kind, value in each_attribute(data, at + ADDRESS.size, end):
        if kind in (_LOCAL, _ADDRESS):
            peer, packed = packed, value
            # Of IPv4 the local one comes second, of IPv6 first, if there is one.
            if kind == _LOCAL or family == socket.AF_INET6:
                break
    return packed, length, b"" if peer == packed else peer


def held_address(data: bytes, at: int, end: int, *, marks: bool) -> Held:
    """Return the address that a message is about.

    Its family must be of IP_FAMILIES. `marks`: whether this kernel keeps IFA_PROTO.
    """
    _, length, flags, scope, _ = ADDRESS.unpack_from(data, at)
    said = attributes(data, at + ADDRESS.size, end)
    if _FLAGS in said:
        flags = NUMBER.unpack(said[_FLAGS])[0]
    proto = said[_PROTO][0] if said.get(_PROTO) else None
    packed = said[_LOCAL] if _LOCAL in said else said[_ADDRESS]
    end_there = said.get(_ADDRESS, packed)
    peer = "" if end_there == packed else str(ip_interface((end_there, length)))
    return Held(ip_interface((packed, length)), flags, is_ours(proto, flags, marks=marks), scope, peer)
