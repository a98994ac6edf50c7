"""Which addresses a host can have."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface
from typing import Final

BROADCAST: Final = IPv4Address("255.255.255.255")
_POINT_TO_POINT: Final = (31, 32, 127, 128)
_THIS_NETWORK: Final = IPv4Network("0.0.0.0/8")


def unusable(address: IPv4Address | IPv6Address) -> str | None:
    """Why no host can be reached under this address, or None."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return "an IPv4 address in the spelling of IPv6"
    if address.is_unspecified:
        return "the unspecified address"
    if address.is_loopback:
        return "a loopback address"
    if address.is_multicast:
        return "a multicast address"
    if address == BROADCAST:
        return "the broadcast address"
    if isinstance(address, IPv6Address) and address.is_site_local:
        return "in the site-local block, which RFC 3879 took back"
    if address.is_reserved or address in _THIS_NETWORK:
        return "in a reserved block"
    return None


def edge(vip: IPv4Interface | IPv6Interface) -> str | None:
    """Why an address is no host's in its own network, or None."""
    if vip.network.prefixlen in _POINT_TO_POINT:
        return None
    if isinstance(vip, IPv6Interface):
        anycast = vip.ip == vip.network.network_address
        return f"the address of all routers in {vip.network} (RFC 4291 section 2.6.1)" if anycast else None
    if vip.ip == vip.network.broadcast_address:
        return f"the broadcast address of {vip.network}"
    if vip.ip == vip.network.network_address:
        return f"the network address of {vip.network}"
    return None
