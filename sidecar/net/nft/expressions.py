"""The expressions of nf_tables that our rules are made of, as bytes. Each stands for one step of a rule.

A step loads into the one register used here, compares it, or decides. A comparison that fails ends the rule.
"""

import struct
from typing import Final

from sidecar.net.kernel.attributes import attribute, nested, text
from sidecar.net.nft.nfnetlink import number

ACCEPT: Final = 1  # NF_ACCEPT
DROP: Final = 0  # NF_DROP

_REGISTER: Final = 1  # NFT_REG_1, 16 bytes wide
_VERDICT_REGISTER: Final = 0
_NETWORK_HEADER: Final = 1
_TRANSPORT_HEADER: Final = 2
_META_IIFNAME: Final = 6
_META_OIFNAME: Final = 7
_META_L4PROTO: Final = 16
_META_IIFGROUP: Final = 21
_INTERFACE_NAME: Final = 16  # IFNAMSIZ
_EQUAL: Final = 0
_FIB_DESTINATION: Final = 2
_FIB_ADDRESS_TYPE: Final = 3
_LOCAL: Final = struct.pack("=I", 2)  # RTN_LOCAL
_DATA_VALUE: Final = 1
_DATA_VERDICT: Final = 2


def network_header(offset: int, value: bytes) -> bytes:
    """The bytes at `offset` of the IP header, or of the ARP message, are these."""
    return _payload(_NETWORK_HEADER, offset, len(value)) + _compare(value)


def first_byte_between(low: int, high: int) -> bytes:
    """The first byte after the IP header and its extensions is `low` to `high`: the type, in ICMPv6."""
    bounds = _value(3, bytes((low,))) + _value(4, bytes((high,)))
    return _payload(_TRANSPORT_HEADER, 0, 1) + _expression(
        "range", number(1, _REGISTER), number(2, _EQUAL), bounds
    )


def transport(protocol: int) -> bytes:
    """The protocol after the IP header and its extensions is this one."""
    return _meta(_META_L4PROTO) + _compare(bytes((protocol,)))


def arrived_by(interface: str) -> bytes:
    """The packet came in by the interface of this name."""
    return _meta(_META_IIFNAME) + _compare(interface.encode().ljust(_INTERFACE_NAME, b"\0"))


def arrived_by_group(group: int) -> bytes:
    """The packet came in by an interface of this group."""
    return _meta(_META_IIFGROUP) + _compare(struct.pack("=I", group))


def leaves_by(interface: str) -> bytes:
    """The packet goes out by the interface of this name."""
    return _meta(_META_OIFNAME) + _compare(interface.encode().ljust(_INTERFACE_NAME, b"\0"))


def to_this_host() -> bytes:
    """The destination is an address of this host at the moment, on any interface."""
    lookup = (number(1, _REGISTER), number(2, _FIB_ADDRESS_TYPE), number(3, _FIB_DESTINATION))
    return _expression("fib", *lookup) + _compare(_LOCAL)


def overwrite(offset: int, value: bytes) -> bytes:
    """Let the bytes at `offset` of the ARP message be these. No checksum is mended: ARP has none."""
    load = _expression("immediate", number(1, _REGISTER), _value(2, value))
    place = (number(2, _NETWORK_HEADER), number(3, offset), number(4, len(value)))
    return load + _expression("payload", *place, number(5, _REGISTER))


def decide(verdict: int) -> bytes:
    """ACCEPT (for this table) or DROP the packet."""
    data = nested(2, nested(_DATA_VERDICT, number(1, verdict)))
    return _expression("immediate", number(1, _VERDICT_REGISTER), data)


def _payload(header: int, offset: int, size: int) -> bytes:
    place = (number(2, header), number(3, offset), number(4, size))
    return _expression("payload", number(1, _REGISTER), *place)


def _meta(key: int) -> bytes:
    return _expression("meta", number(1, _REGISTER), number(2, key))


def _compare(value: bytes) -> bytes:
    return _expression("cmp", number(1, _REGISTER), number(2, _EQUAL), _value(3, value))


def _value(kind: int, value: bytes) -> bytes:
    return nested(kind, attribute(_DATA_VALUE, value))


def _expression(name: str, *members: bytes) -> bytes:
    return nested(1, text(1, name), nested(2, *members))
