"""Keeps an interface from saying by ARP that it has VIPs which another interface of the host has.

Linux answers on every interface for all addresses of the host, and asks for a neighbour in the name
of the address that the waiting packet comes from. For a VIP on a macvlan both would tell clients the
MAC address of the interface below. The settings against it (arp_ignore, arp_announce) belong to the
interface and to the host. A table of nf_tables that is owned by our socket changes neither, and
vanishes with us. IPv6 needs none: there, both are done for the addresses of the interface alone.
"""

from collections.abc import Iterator
from typing import Final

from sidecar.core.address import Vip
from sidecar.net.kernel.attributes import nested, text
from sidecar.net.nft.expressions import DROP, arrived_by, decide, leaves_by, network_header, overwrite
from sidecar.net.nft.nfnetlink import NEW_CHAIN, NEW_RULE, NEW_TABLE, OWNER, NfTables, number

_ARP: Final = 3  # NFPROTO_ARP
_HOOKS: Final = {"in": 0, "out": 1}  # NF_ARP_IN, NF_ARP_OUT
_FILTER: Final = 0
_OPERATION_AT: Final = 6
_REQUEST: Final = b"\x00\x01"
_SENDER_AT: Final = 14
_TARGET_AT: Final = 24
_NOBODY: Final = bytes(4)
"""Sender of an ARP probe (RFC 5227 section 2.1.1): answered by everybody, learnt by nobody."""


class ArpGuard:
    """Guards the IPv4 VIPs on an interface from construction to `close`.

    Requests for them that arrive are dropped; replies pass, so announcements of another host are learnt.
    Requests of ours in their name become probes.
    """

    def __init__(self, interface: str, vips: tuple[Vip, ...]) -> None:
        """Install it. Waits while somebody else changes rules. Raises OSError: then nothing is installed."""
        self._tables = NfTables()
        table = text(1, f"vip-sidecar-{self._tables.port}")
        messages = [(NEW_TABLE, table + number(2, OWNER))]
        for name, hook in _HOOKS.items():
            where = nested(4, number(1, hook), number(2, _FILTER))
            messages.append((NEW_CHAIN, table + text(3, name) + where + text(7, "filter")))
        for chain, rule in _rules(interface, vips):
            messages.append((NEW_RULE, table + text(2, chain) + nested(4, rule)))
        try:
            self._tables.create(_ARP, messages)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Remove it. Waits until the kernel has."""
        self._tables.close()


def _rules(interface: str, vips: tuple[Vip, ...]) -> Iterator[tuple[str, bytes]]:
    request = network_header(_OPERATION_AT, _REQUEST)
    for vip in vips:
        theirs, ours = (network_header(at, vip.ip.packed) for at in (_TARGET_AT, _SENDER_AT))
        yield "in", arrived_by(interface) + request + theirs + decide(DROP)
        yield "out", leaves_by(interface) + request + ours + overwrite(_SENDER_AT, _NOBODY)
