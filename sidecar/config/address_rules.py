"""Rules about the addresses of one virtual router."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface

from sidecar.config.mistake import Finding, Path
from sidecar.config.model import VirtualRouter
from sidecar.config.rules import rule
from sidecar.config.scalars import HostAddress
from sidecar.config.shape import Entry
from sidecar.config.unsupported import absent

BROADCAST = IPv4Address("255.255.255.255")
_THIS_NETWORK = IPv4Network("0.0.0.0/8")
_HOST_PREFIXES = (31, 32)


def unusable(address: HostAddress) -> str | None:
    """Why no host can be reached under this address, or None."""
    if address.is_unspecified:
        return "the unspecified address"
    if address.is_loopback:
        return "a loopback address"
    if address.is_multicast:
        return "a multicast address"
    if address == BROADCAST:
        return "the broadcast address"
    if isinstance(address, IPv4Address) and (address.is_reserved or address in _THIS_NETWORK):
        return "in a reserved block"
    return None


def _edge(vip: IPv4Interface | IPv6Interface) -> str | None:
    if isinstance(vip, IPv4Interface) and vip.network.prefixlen not in _HOST_PREFIXES:
        if vip.ip == vip.network.broadcast_address:
            return f"the broadcast address of {vip.network}"
        if vip.ip == vip.network.network_address:
            return f"the network address of {vip.network}"
    return None


@rule("addresses")
def vip_kind(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A VIP is the address of a host, in IPv4."""
    for index, vip in enumerate(entry.model.addresses):
        path: Path = (*entry.path, "addresses", index)
        why = unusable(vip.ip) or _edge(vip)
        if why:
            yield Finding(path, "vip-kind", f"{vip.ip} is {why}; write an address that a host can have")
        elif isinstance(vip, IPv6Interface):
            yield absent(path, "IPv6 virtual routers", "write an IPv4 address")


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


def _unicast_addresses(path: Path, model: VirtualRouter) -> list[tuple[Path, HostAddress]]:
    if model.unicast is None:
        return []
    peers = [((*path, "unicast", "peers", i), peer) for i, peer in enumerate(model.unicast.peers)]
    return [((*path, "unicast", "source"), model.unicast.source), *peers]


@rule("unicast")
def unicast_kind(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Adverts can be sent to and from the addresses of hosts only."""
    for path, address in _unicast_addresses(entry.path, entry.model):
        why = unusable(address)
        if why:
            yield Finding(path, "unicast-kind", f"{address} is {why}; write the address of a host")
        elif isinstance(address, IPv6Address):
            yield absent(path, "VRRP over IPv6", "write an IPv4 address")


@rule("unicast")
def unicast_once(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A host is no peer of itself, and no peer stands twice."""
    seen: dict[HostAddress, Path] = {}
    for path, address in _unicast_addresses(entry.path, entry.model):
        first = seen.setdefault(address, path)
        if first != path:
            what = "unicast.source" if first[-1] == "source" else "an earlier peer"
            message = f"{address} is {what} already; name each of the other hosts once"
            yield Finding(path, "unicast-twice", message)


@rule("unicast", "addresses")
def unicast_is_no_vip(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Adverts between hosts cannot use an address that moves between them, nor another family."""
    vips = {vip.ip for vip in entry.model.addresses}
    family = entry.model.addresses[0].version
    for path, address in _unicast_addresses(entry.path, entry.model):
        if address in vips:
            yield Finding(
                path, "unicast-vip", f"{address} is a VIP of this router; write the host's own address"
            )
        elif address.version != family:
            message = (
                f"{address} is IPv{address.version}, the VIPs are IPv{family}; write an IPv{family} address"
            )
            yield Finding(path, "family-mixed", message)


ADDRESS_RULES = (vip_kind, vip_once, one_family, unicast_kind, unicast_once, unicast_is_no_vip)
