"""Rules about how the adverts of a virtual router travel: version, interval, from where and to whom."""

from collections.abc import Iterator, Sequence

from sidecar.config.address_rules import unusable
from sidecar.config.mistake import Finding, Path, quoted
from sidecar.config.router_model import VirtualRouter
from sidecar.config.rules import rule, warning
from sidecar.config.shape import Entry
from sidecar.config.values.scalars import HostAddress
from sidecar.core.params import TTL, V2, V3

_MAX_CENTISECONDS = 4095
_MAX_SECONDS = 255
_FLOAT_SLACK = 1e-6
_IPV4, _IPV6 = 4, 6


def hosts(entry: Entry[VirtualRouter]) -> list[tuple[Path, HostAddress]]:
    """The addresses of hosts in a router's entry, ours and the peers'."""
    source, unicast = entry.model.source, entry.model.unicast
    found: list[tuple[Path, HostAddress]] = [] if source is None else [((*entry.path, "source"), source)]
    if unicast is not None:
        found.append(((*entry.path, "unicast", "source"), unicast.source))
        found += [((*entry.path, "unicast", "peers", i), peer) for i, peer in enumerate(unicast.peers)]
    return found


@rule("version", "addresses")
def version_of_family(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Version 2 has no IPv6 (RFC 3768 section 1)."""
    if entry.model.version == V2 and entry.model.addresses[0].version == _IPV6:
        message = "version 2 knows IPv4 alone; write 3, or leave it out"
        yield Finding((*entry.path, "version"), "version-family", message)


@rule("advert_interval", "version")
def advert_interval(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """On the wire are 12 bits of centiseconds (RFC 9568 section 5.2.7) or 8 of seconds (RFC 3768, 5.3.7)."""
    seconds = entry.model.advert_interval
    if entry.model.version == V2:
        valid = 1 <= round(seconds) <= _MAX_SECONDS and abs(seconds - round(seconds)) <= _FLOAT_SLACK
        message = "version 2 can say whole seconds from 1s to 255s; write one of these, or use version 3"
    else:
        step = round(seconds * 100)
        valid = 1 <= step <= _MAX_CENTISECONDS and abs(seconds * 100 - step) <= _FLOAT_SLACK
        message = "the packet can say 10ms to 40.95s in steps of 10ms; write one of these, such as 100ms"
    if not valid:
        yield Finding((*entry.path, "advert_interval"), "advert-interval", message)


@rule("v4_pseudo_header", "version", "addresses")
def pseudo_header(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Only version 3 over IPv4 has two checksums to choose from."""
    model = entry.model
    if "v4_pseudo_header" not in entry.given or (model.version, model.addresses[0].version) == (V3, _IPV4):
        return
    never = model.version == V2
    message = (
        f"has no effect: the checksum of {'version 2 never' if never else 'IPv6 always'} covers it; remove"
    )
    yield warning((*entry.path, "v4_pseudo_header"), "no-effect", message)


@rule("source", "unicast")
def host_kind(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Adverts can be sent to and from the addresses of hosts only."""
    for path, address in hosts(entry):
        why = unusable(address)
        if why:
            yield Finding(path, f"{path[2]}-kind", f"{address} is {why}; write the address of a host")


@rule("source", "unicast", "addresses")
def host_family(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A router speaks about addresses of a family in that family."""
    family = entry.model.addresses[0].version
    for path, address in hosts(entry):
        if address.version != family:
            message = (
                f"{address} is IPv{address.version}, the VIPs are IPv{family}; write an IPv{family} address"
            )
            yield Finding(path, "family-mixed", message)


@rule("source")
def multicast_source(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """IPv6 adverts to the group come from a link-local address (RFC 9568 section 5.1.2.1)."""
    source = entry.model.source
    if source is not None and source.version == _IPV6 and not source.is_link_local and not unusable(source):
        message = (
            f"{source} is not link-local, as it must be for IPv6 multicast; write the interface's fe80:: one"
        )
        yield Finding((*entry.path, "source"), "source-kind", message)


@rule("source", "unicast")
def one_source(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Adverts are sent from one address."""
    if entry.model.source is not None and entry.model.unicast is not None:
        message = (
            "is for multicast, and this router has `unicast` with a source of its own; remove one of them"
        )
        yield Finding((*entry.path, "source"), "source-twice", message, at_key=True)


@rule("unicast")
def unicast_once(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """No peer stands twice, and one is another host. The host itself may be listed: one file serves all."""
    unicast = entry.model.unicast
    if unicast is None:
        return
    path, seen = (*entry.path, "unicast", "peers"), set[HostAddress]()
    for index, peer in enumerate(unicast.peers):
        if peer in seen:
            message = f"{peer} is an earlier peer already; name each of the hosts once"
            yield Finding((*path, index), "unicast-twice", message)
        seen.add(peer)
    if seen == {unicast.source}:
        message = f"{unicast.source} is this host itself, so adverts would go to nobody; add the other hosts"
        yield Finding(path, "unicast-alone", message)


@rule("unicast", "hosts")
def one_peer_of_two(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Of two hosts one is the other."""
    unicast = entry.model.unicast
    if entry.model.hosts is None or unicast is None:
        return
    peers = {*unicast.peers} - {unicast.source}
    if len(peers) > 1:
        message = f"unicast.peers names {len(peers)} other hosts, and `hosts: 2` says one; remove `hosts`"
        yield Finding((*entry.path, "hosts"), "hosts-peers", message)


@rule("unicast")
def far_peers(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """TTL 255 proves that the sender is on this link (RFC 5082)."""
    unicast = entry.model.unicast
    if unicast is not None and unicast.min_ttl < TTL:
        hops = TTL - unicast.min_ttl
        message = (
            f"anybody up to {hops} {'router' if hops == 1 else 'routers'} away can send adverts that count; "
            "write 255 if all peers are on this link, and `auth: {hmac: ...}` if not"
        )
        yield warning((*entry.path, "unicast", "min_ttl"), "far-peers", message)


TRANSPORT_RULES = (
    version_of_family,
    advert_interval,
    pseudo_header,
    host_kind,
    host_family,
    multicast_source,
    one_source,
    unicast_once,
    one_peer_of_two,
    far_peers,
)


def no_vip_among_hosts(entries: Sequence[Entry[VirtualRouter]]) -> Iterator[Finding]:
    """Adverts between hosts cannot use an address that moves between them."""
    owners: dict[HostAddress, Path] = {}
    for entry in entries:
        if "addresses" not in entry.wrong:
            for vip in entry.model.addresses:
                owners.setdefault(vip.ip, entry.path)
    for entry in entries:
        for path, address in hosts(entry):
            owner = owners.get(address)
            if owner is not None:
                whose = "this router" if owner == entry.path else f"router {quoted(owner[-1])}"
                message = f"{address} is a VIP of {whose}; write the host's own address"
                yield Finding(path, f"{path[2]}-vip", message)
