"""Neighbour discovery (RFC 4861): unsolicited advertisements, as gratuitous ARP in IPv4, and questions."""

import struct
from ipaddress import IPv6Address
from typing import Final

from sidecar.core.wire.checksum import internet_checksum
from sidecar.core.wire.constants import TTL

_ALL_NODES: Final = IPv6Address("ff02::1")
_ALL_NODES_MAC: Final = bytes.fromhex("333300000001")  # RFC 2464 section 7
_ETHERTYPE_IPV6: Final = 0x86DD
_VERSION: Final = 6 << 28
_ICMPV6: Final = 58
_NEIGHBOUR_SOLICITATION: Final = 135
_NEIGHBOUR_ADVERTISEMENT: Final = 136
_ROUTER: Final = 1 << 31
_OVERRIDE: Final = 1 << 29
_SOURCE_LINK_LAYER_ADDRESS: Final = 1
_TARGET_LINK_LAYER_ADDRESS: Final = 2
_SOLICITED_NODE: Final = IPv6Address("ff02::1:ff00:0").packed[:13]
_IPV6 = struct.Struct("!IHBB16s16s")
_ADVERTISEMENT = struct.Struct("!BBHI16sBB6s")


def unsolicited(vip: IPv6Address, mac: bytes, *, router: bool) -> bytes:
    """Return a whole Ethernet frame that tells all nodes of the link that `vip` is at `mac`.

    `router` says whether the sender forwards packets: who hears that it does not forgets it as a router.
    Override is set, so that neighbours replace what they know (RFC 9568 section 6.4.2).
    """
    flags = _OVERRIDE | (_ROUTER if router else 0)
    option = (_TARGET_LINK_LAYER_ADDRESS, 1, mac)
    message = _ADVERTISEMENT.pack(_NEIGHBOUR_ADVERTISEMENT, 0, 0, flags, vip.packed, *option)
    return _frame(_ALL_NODES_MAC, mac, vip, _ALL_NODES, message)


def solicitation(target: IPv6Address, source: IPv6Address, mac: bytes) -> bytes:
    """Return a whole frame that asks who has an address (RFC 4861 section 7.2.2).

    `source` is a link-local address of the sender: without one the question would be that of duplicate
    address detection, and fail whoever is about to add the address.
    """
    to = IPv6Address(_SOLICITED_NODE + target.packed[-3:])
    option = (_SOURCE_LINK_LAYER_ADDRESS, 1, mac)
    message = _ADVERTISEMENT.pack(_NEIGHBOUR_SOLICITATION, 0, 0, 0, target.packed, *option)
    return _frame(b"\x33\x33" + to.packed[-4:], mac, source, to, message)


def claim(packet: bytes) -> IPv6Address | None:
    """Return the address that a neighbour advertisement is about, None if the packet is none.

    `packet` begins with the IPv6 header. One that came through a router is none (RFC 4861 section 7.1.2).
    """
    if len(packet) < _IPV6.size + _ADVERTISEMENT.size - 8 or packet[6] != _ICMPV6 or packet[7] != TTL:
        return None
    if packet[_IPV6.size] != _NEIGHBOUR_ADVERTISEMENT:
        return None
    return IPv6Address(packet[_IPV6.size + 8 : _IPV6.size + 24])


def _frame(to_mac: bytes, mac: bytes, source: IPv6Address, to: IPv6Address, message: bytes) -> bytes:
    addresses = source.packed + to.packed
    checksum = internet_checksum(addresses + struct.pack("!II", len(message), _ICMPV6) + message)
    message = message[:2] + checksum.to_bytes(2, "big") + message[4:]
    header = _IPV6.pack(_VERSION, len(message), _ICMPV6, TTL, source.packed, to.packed)
    return to_mac + mac + _ETHERTYPE_IPV6.to_bytes(2, "big") + header + message
