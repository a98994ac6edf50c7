"""Gratuitous ARP (RFC 826, RFC 5227 section 3): who has a VIP now, for switches and neighbours.

Both forms are sent, because there are stacks that learn from one of them only.
"""

import struct
from ipaddress import IPv4Address
from typing import Final

_BROADCAST: Final = b"\xff" * 6
_NOBODY: Final = b"\0" * 6
_ETHERTYPE_ARP: Final = 0x0806
_REQUEST: Final = 1
_REPLY: Final = 2
_ARP = struct.Struct("!HHBBH6s4s6s4s")


def gratuitous(vip: IPv4Address, mac: bytes) -> tuple[bytes, bytes]:
    """Return two whole Ethernet frames, request and reply, that say `vip` is at `mac`."""
    return (
        _frame(mac, _REQUEST, vip, _NOBODY),
        _frame(mac, _REPLY, vip, _BROADCAST),
    )


def _frame(mac: bytes, operation: int, vip: IPv4Address, target: bytes) -> bytes:
    ethernet = _BROADCAST + mac + _ETHERTYPE_ARP.to_bytes(2, "big")
    return ethernet + _ARP.pack(1, 0x0800, 6, 4, operation, mac, vip.packed, target, vip.packed)
