"""Which addresses a host can have."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Final

BROADCAST: Final = IPv4Address("255.255.255.255")
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
