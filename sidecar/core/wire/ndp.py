"""Unsolicited neighbour advertisement (RFC 4861 section 7.2.6): what gratuitous ARP is to IPv4."""

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
_NEIGHBOUR_ADVERTISEMENT: Final = 136
_ROUTER: Final = 1 << 31
_OVERRIDE: Final = 1 << 29
_TARGET_LINK_LAYER_ADDRESS: Final = 2
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
    addresses = vip.packed + _ALL_NODES.packed
    checksum = internet_checksum(addresses + struct.pack("!II", len(message), _ICMPV6) + message)
    message = message[:2] + checksum.to_bytes(2, "big") + message[4:]
    header = _IPV6.pack(_VERSION, len(message), _ICMPV6, TTL, vip.packed, _ALL_NODES.packed)
    return _ALL_NODES_MAC + mac + _ETHERTYPE_IPV6.to_bytes(2, "big") + header + message
