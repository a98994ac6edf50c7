"""Rules about the VIPs of one virtual router."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface

from sidecar.config.mistake import Finding, Path
from sidecar.config.router_model import VirtualRouter
from sidecar.config.rules import rule, warning
from sidecar.config.shape import Entry
from sidecar.config.values.scalars import HostAddress

BROADCAST = IPv4Address("255.255.255.255")
_THIS_NETWORK = IPv4Network("0.0.0.0/8")
_POINT_TO_POINT = (31, 32, 127, 128)


def unusable(address: HostAddress) -> str | None:
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


def _edge(vip: IPv4Interface | IPv6Interface) -> str | None:
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


@rule("addresses")
def vip_kind(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A VIP is the address of a host."""
    for index, vip in enumerate(entry.model.addresses):
        path: Path = (*entry.path, "addresses", index)
        why = unusable(vip.ip) or _edge(vip)
        if why:
            yield Finding(path, "vip-kind", f"{vip.ip} is {why}; write an address that a host can have")


@rule("addresses")
def vip_once(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A VIP stands once in its list."""
    seen: dict[HostAddress, int] = {}
    for index, vip in enumerate(entry.model.addresses):
        first = seen.setdefault(vip.ip, index)
        if first != index:
            message = f"{vip.ip} is already entry {first + 1} of this list; remove one of the two"
            yield Finding((*entry.path, "addresses", index), "vip-twice", message)


@rule("addresses")
def one_family(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A virtual router is of one address family (RFC 9568 section 1.1)."""
    family = entry.model.addresses[0].version
    for index, vip in enumerate(entry.model.addresses):
        if vip.version != family:
            message = (
                f"{vip.ip} is IPv{vip.version}, the first VIP IPv{family}; give each family its own router"
            )
            yield Finding((*entry.path, "addresses", index), "family-mixed", message)


@rule("addresses")
def link_local(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """The first address of an IPv6 router is link-local (RFC 9568 section 5.2.9)."""
    vips = entry.model.addresses
    if all(vip.version == 6 and not vip.ip.is_link_local for vip in vips):  # noqa: PLR2004
        message = (
            "none of these is link-local, and RFC 9568 wants one in every IPv6 advert; keepalived and FRR do "
            "without, and so can servers; hosts that use this router as their gateway cannot: "
            "then add one, such as fe80::100"
        )
        yield warning((*entry.path, "addresses"), "vip-link-local", message)


ADDRESS_RULES = (vip_kind, vip_once, one_family, link_local)
