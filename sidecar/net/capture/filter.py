"""Which packets a packet socket hands to us for diagnosis: VRRP, and words about the VIPs of its interface.

It is an optimisation: whoever reads the packets looks at them again.
"""

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sidecar import bpf
from sidecar.bpf import Line
from sidecar.core.address import Address
from sidecar.core.wire.advert import PROTOCOL
from sidecar.core.wire.captured import ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6

NAMED: Final = {4: 128, 6: 24}
"""VIPs of a family that the program names at most. If there are more, words about any address pass."""

_ANCILLARY: Final = -0x1000  # SKF_AD_OFF
_ETHERTYPE: Final = _ANCILLARY
_DIRECTION: Final = _ANCILLARY + 4  # SKF_AD_PKTTYPE
_OUTGOING: Final = 4  # PACKET_OUTGOING
_NEXT_HEADER_V6: Final = 6
_PROTOCOL_V4: Final = 9
_ARP_SENDER: Final = 14
_ARP_TARGET: Final = 24
_ICMPV6: Final = 58
_MESSAGE: Final = 40
_ADVERTISEMENT: Final = 136
_ADVERTISED: Final = _MESSAGE + 8


def program(vips: Collection[Address] | None = None) -> bytes:
    """Return the program of a socket whose packets begin with their network header. None: words about any.

    What this host sends passes if it is VRRP.
    """
    return bpf.assemble(_lines(vips))


def _lines(vips: Collection[Address] | None) -> Iterator[Line]:
    four = [vip for vip in vips or () if isinstance(vip, IPv4Address)]
    six = [vip for vip in vips or () if isinstance(vip, IPv6Address)]
    yield from (bpf.word(_ETHERTYPE), bpf.if_equal(ETHERTYPE_ARP, "arp"))
    yield from (bpf.if_equal(ETHERTYPE_IPV4, "ipv4"), bpf.if_equal(ETHERTYPE_IPV6, "ipv6"), bpf.jump("drop"))
    yield from ("ipv4", bpf.byte(_PROTOCOL_V4), bpf.if_equal(PROTOCOL, "take"), bpf.jump("drop"))
    yield "arp"
    yield from _unless_outgoing()
    if vips is not None and len(four) <= NAMED[4]:
        # A probe has no sender: it is about the address that it asks for.
        yield from (bpf.word(_ARP_SENDER), bpf.unless_equal(0, "about"), bpf.word(_ARP_TARGET), "about")
        yield from (bpf.if_equal(int(vip), "take") for vip in four)
        yield bpf.jump("drop")
    else:
        yield bpf.jump("take")
    yield from ("ipv6", bpf.byte(_NEXT_HEADER_V6), bpf.if_equal(PROTOCOL, "take"))
    yield from (bpf.unless_equal(_ICMPV6, "drop"), bpf.byte(_MESSAGE))
    yield bpf.unless_equal(_ADVERTISEMENT, "drop")
    yield from _unless_outgoing()
    if vips is not None and len(six) <= NAMED[6]:
        for number, vip in enumerate(six):
            yield from bpf.unless_words(_ADVERTISED, vip.packed, f"not {number}")
            yield from (bpf.jump("take"), f"not {number}")
        yield bpf.jump("drop")
    yield from ("take", bpf.ACCEPT, "drop", bpf.DROP)


def _unless_outgoing() -> Iterator[Line]:
    yield from (bpf.word(_DIRECTION), bpf.if_equal(_OUTGOING, "drop"))
