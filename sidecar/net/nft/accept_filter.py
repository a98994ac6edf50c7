"""Accept_Mode false (RFC 9568 sections 6.1 and 6.4.3): the host has the VIPs and accepts nothing for them.

One nf_tables table for each virtual router, owned by our socket: nobody else can change it, and it
vanishes with the socket, which is closed by us or by the end of the process. Packets are judged
before address translation, so that a published container port is no way around; those of the host
itself are dropped too, except to a link-local VIP. Neighbour discovery passes, and ARP is no IP:
the VIPs stay reachable as a next hop.
"""

from collections.abc import Iterator
from typing import Final

from sidecar.core.address import Vip
from sidecar.net.kernel.attributes import nested, text
from sidecar.net.nft.expressions import (
    ACCEPT,
    DROP,
    arrived_by,
    decide,
    first_byte_between,
    network_header,
    to_this_host,
    transport,
)
from sidecar.net.nft.nfnetlink import NEW_CHAIN, NEW_RULE, NEW_TABLE, OWNER, NfTables, number

_CHAIN: Final = "accept-mode"
_PRE_ROUTING: Final = 0
_RAW: Final = -300
"""Priority of the chain: before connection tracking and address translation."""

_IPV6: Final = 6
_FAMILIES: Final = {4: 2, _IPV6: 10}  # NFPROTO_IPV4, NFPROTO_IPV6
_DESTINATION: Final = {4: 16, _IPV6: 24}
"""Where the destination address begins in the IP header."""
_ICMPV6: Final = 58
_SOLICITATION: Final = 135
_ADVERTISEMENT: Final = 136


class AcceptFilter:
    """Drops what arrives for the VIPs, all of one family, from construction to `close`.

    `interface` matters for link-local VIPs only: elsewhere the same address is another one.
    """

    def __init__(self, interface: str, vips: tuple[Vip, ...]) -> None:
        """Install it. Waits while somebody else changes rules. Raises OSError: then nothing is installed."""
        self._tables = NfTables()
        family, table = vips[0].version, text(1, f"vip-sidecar-{self._tables.port}")
        hook = nested(4, number(1, _PRE_ROUTING), number(2, _RAW))
        messages = [
            (NEW_TABLE, table + number(2, OWNER)),
            (NEW_CHAIN, table + text(3, _CHAIN) + hook + text(7, "filter")),
            *((NEW_RULE, table + text(2, _CHAIN) + nested(4, rule)) for rule in _rules(interface, vips)),
        ]
        try:
            self._tables.create(_FAMILIES[family], messages)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Remove it. Waits until the kernel has."""
        self._tables.close()


def _rules(interface: str, vips: tuple[Vip, ...]) -> Iterator[bytes]:
    if vips[0].version == _IPV6:
        yield transport(_ICMPV6) + first_byte_between(_SOLICITATION, _ADVERTISEMENT) + decide(ACCEPT)
    for vip in vips:
        destination = network_header(_DESTINATION[vip.version], vip.ip.packed)
        link = arrived_by(interface) if vip.version == _IPV6 and vip.is_link_local else b""
        yield destination + link + to_this_host() + decide(DROP)
