"""ARP frames: gratuitous ones (RFC 826, RFC 5227 section 3) that say who has a VIP now, and probes.

Gratuitous ARP has two forms, and both are sent, because there are stacks that learn from one of them only.
"""

import struct
from ipaddress import IPv4Address
from typing import Final

_BROADCAST: Final = b"\xff" * 6
_NOBODY: Final = b"\0" * 6
_UNSPECIFIED: Final = b"\0" * 4
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


def probe(address: IPv4Address, mac: bytes) -> bytes:
    """Return a whole frame that asks who has an address and changes no cache (RFC 5227 section 2.1.1)."""
    return _frame(mac, _REQUEST, address, _NOBODY, _UNSPECIFIED)


def claim(packet: bytes) -> tuple[IPv4Address, bytes] | None:
    """Return the address and MAC address that the sender of an ARP packet says it has; None: it says nothing.

    `packet` begins behind the Ethernet header. A probe says nothing.
    """
    sender = _sender(packet)
    return None if sender is None or sender[0] == _UNSPECIFIED else (IPv4Address(sender[0]), sender[1])


def probed(packet: bytes) -> tuple[IPv4Address, bytes] | None:
    """Return the address that a probe asks for, and the MAC address of whoever asks; None: it is no probe.

    `packet` begins behind the Ethernet header.
    """
    sender = _sender(packet)
    if sender is None or sender[0] != _UNSPECIFIED or sender[2] == _UNSPECIFIED:
        return None
    return IPv4Address(sender[2]), sender[1]


def _sender(packet: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Return IP and MAC address of the sender, and the IP address in question, of an ARP packet of IPv4."""
    if len(packet) < _ARP.size:
        return None
    hardware, protocol, size, length, _, mac, address, _, target = _ARP.unpack_from(packet)
    return (address, mac, target) if (hardware, protocol, size, length) == (1, 0x0800, 6, 4) else None


def _frame(mac: bytes, operation: int, vip: IPv4Address, target: bytes, sender: bytes | None = None) -> bytes:
    ethernet = _BROADCAST + mac + _ETHERTYPE_ARP.to_bytes(2, "big")
    said = vip.packed if sender is None else sender
    return ethernet + _ARP.pack(1, 0x0800, 6, 4, operation, mac, said, target, vip.packed)
