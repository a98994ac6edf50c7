"""Unsolicited neighbour advertisements (RFC 4861 section 7.2.6): who has an IPv6 VIP now.

Sent to all nodes with Override set, so that neighbours which know the VIP replace their entry at once.
"""

import struct
from ipaddress import IPv6Address
from typing import Final

from sidecar.core.checksum import internet_checksum

_ALL_NODES: Final = IPv6Address("ff02::1")
_ALL_NODES_MAC: Final = bytes.fromhex("333300000001")
_ETHERTYPE_IPV6: Final = 0x86DD
_ICMPV6: Final = 58
_NEIGHBOUR_ADVERTISEMENT: Final = 136
_ROUTER: Final = 0x80000000
_OVERRIDE: Final = 0x20000000
_TARGET_LINK_LAYER_ADDRESS: Final = 2
_HOP_LIMIT: Final = 255
_NETWORK_CONTROL: Final = 0xC0
"""Traffic class of what keeps the network together."""


def unsolicited(vip: IPv6Address, mac: bytes, *, router: bool) -> bytes:
    """Return a whole Ethernet frame that says `vip` is at `mac`; `router`: the host forwards packets."""
    flags = _OVERRIDE | (_ROUTER if router else 0)
    option = struct.pack("!BB6s", _TARGET_LINK_LAYER_ADDRESS, 1, mac)
    body = struct.pack("!I16s", flags, vip.packed) + option
    length = 4 + len(body)
    pseudo = vip.packed + _ALL_NODES.packed + struct.pack("!II", length, _ICMPV6)
    checksum = internet_checksum(pseudo + struct.pack("!BBH", _NEIGHBOUR_ADVERTISEMENT, 0, 0) + body)
    icmp = struct.pack("!BBH", _NEIGHBOUR_ADVERTISEMENT, 0, checksum) + body
    first_word = 6 << 28 | _NETWORK_CONTROL << 20
    ip = struct.pack("!IHBB16s16s", first_word, length, _ICMPV6, _HOP_LIMIT, vip.packed, _ALL_NODES.packed)
    return _ALL_NODES_MAC + mac + _ETHERTYPE_IPV6.to_bytes(2, "big") + ip + icmp
