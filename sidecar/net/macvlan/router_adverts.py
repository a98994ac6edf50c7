"""Keeps our macvlans from taking addresses and routes from the IPv6 routers of the LAN.

A macvlan hears what the interface below hears, router advertisements (RFC 4861) too. Without a link-local
address Linux still forms addresses of their prefixes, of the virtual MAC, and has its default route by this
interface, too: the host would send from an address that goes with the VIPs. The setting against it,
accept_ra, cannot be changed by netlink, and /proc/sys is read-only in a container. A table of nf_tables that
is owned by our socket changes nothing else, and vanishes with us.
"""

from typing import Final

from sidecar.net.kernel.attributes import nested, text
from sidecar.net.kernel.small_file import read_kernel_file
from sidecar.net.macvlan.virtual_mac import MARK
from sidecar.net.nft.expressions import DROP, arrived_by_group, decide, first_byte_between, transport
from sidecar.net.nft.nfnetlink import NEW_CHAIN, NEW_RULE, NEW_TABLE, OWNER, NfTables, number

_IPV6: Final = 10  # NFPROTO_IPV6
_CHAIN: Final = "router-adverts"
_PRE_ROUTING: Final = 0
_RAW: Final = -300
_ICMPV6: Final = 58
_ROUTER_ADVERTISEMENT: Final = 134
_SETTINGS: Final = "/proc/sys/net/ipv6/conf"
_ALSO_AS_ROUTER: Final = 2


def heeds_router_adverts(interface: str) -> bool:
    """Whether the kernel would follow one there (accept_ra, forwarding); also where that cannot be read."""
    settings = (f"{_SETTINGS}/{interface}/{name}" for name in ("accept_ra", "forwarding"))
    try:
        accepts, forwards = (int(read_kernel_file(each)) for each in settings)
    except (OSError, ValueError):
        return True
    return accepts == _ALSO_AS_ROUTER or (accepts > 0 and forwards == 0)


class RouterAdvertFilter:
    """Drops router advertisements that arrive by any macvlan of ours, from construction to `close`."""

    def __init__(self) -> None:
        """Install it. Waits while somebody else changes rules. Raises OSError: then nothing is installed."""
        self._tables = NfTables()
        table = text(1, f"vip-sidecar-{self._tables.port}")
        hook = nested(4, number(1, _PRE_ROUTING), number(2, _RAW))
        advert = transport(_ICMPV6) + first_byte_between(_ROUTER_ADVERTISEMENT, _ROUTER_ADVERTISEMENT)
        rule = arrived_by_group(MARK) + advert + decide(DROP)
        messages = [
            (NEW_TABLE, table + number(2, OWNER)),
            (NEW_CHAIN, table + text(3, _CHAIN) + hook + text(7, "filter")),
            (NEW_RULE, table + text(2, _CHAIN) + nested(4, rule)),
        ]
        try:
            self._tables.create(_IPV6, messages)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Remove it. Waits until the kernel has."""
        self._tables.close()
