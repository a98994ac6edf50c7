"""Keeps an interface from answering ARP requests for VIPs that another interface of the host has.

Linux answers on every interface for all addresses of the host. For a VIP on a macvlan the interface
below would answer too, with its own MAC address, and clients would learn whichever comes last. The
setting against it (arp_ignore) belongs to the interface and to the host. A table of nf_tables that is
owned by our socket changes neither, and vanishes with us. IPv6 needs none: a neighbour is answered by
the interface that has the address.
"""

from typing import Final

from sidecar.core.params import Vip
from sidecar.net.attributes import nested, text
from sidecar.net.nfnetlink import NfTables, number
from sidecar.net.nft_expressions import DROP, arrived_by, decide, network_header

_NEW_TABLE: Final = 0
_NEW_CHAIN: Final = 3
_NEW_RULE: Final = 6
_OWNER: Final = 0x2  # NFT_TABLE_F_OWNER, kernel 5.12 and later
_ARP: Final = 3  # NFPROTO_ARP
_INPUT: Final = 0  # NF_ARP_IN
_FILTER: Final = 0
_CHAIN: Final = "virtual-mac"
_OPERATION_AT: Final = 6
_REQUEST: Final = b"\x00\x01"
_TARGET_AT: Final = 24


class ArpGuard:
    """Drops ARP requests for IPv4 VIPs that arrive by an interface, from construction to `close`.

    Replies pass, so announcements of another host are learnt.
    """

    def __init__(self, interface: str, vips: tuple[Vip, ...]) -> None:
        """Install it. Waits while somebody else changes rules. Raises OSError: then nothing is installed."""
        self._tables = NfTables()
        table = text(1, f"vip-sidecar-{self._tables.port}")
        messages = [
            (_NEW_TABLE, table + number(2, _OWNER)),
            (
                _NEW_CHAIN,
                table
                + text(3, _CHAIN)
                + nested(4, number(1, _INPUT), number(2, _FILTER))
                + text(7, "filter"),
            ),
        ]
        for vip in vips:
            rule = (
                arrived_by(interface)
                + network_header(_OPERATION_AT, _REQUEST)
                + network_header(_TARGET_AT, vip.ip.packed)
                + decide(DROP)
            )
            messages.append((_NEW_RULE, table + text(2, _CHAIN) + nested(4, rule)))
        try:
            self._tables.create(_ARP, messages)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Remove it. Waits until the kernel has."""
        self._tables.close()
