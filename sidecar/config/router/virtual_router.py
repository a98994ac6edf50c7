"""One virtual router of the file. Secrets are in it as pydantic's secret types, which do not print."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.router.addresses import Addresses
from sidecar.config.router.adverts import Adverts, hosts
from sidecar.config.router.election import Election
from sidecar.config.rules import Rule, named, rule, warning
from sidecar.core.priorities import OWNER
from sidecar.core.wire.constants import V2, V3

_IPV4: Final = 4
_IPV6: Final = 6


@rule("version", "addresses")
def version_of_family(entry: Entry["VirtualRouter"]) -> Iterator[Finding]:
    """Version 2 has no IPv6 (RFC 3768 section 1)."""
    if entry.model.version == V2 and entry.model.family == _IPV6:
        message = "version 2 knows IPv4 alone; write 3, or leave it out"
        yield Finding((*entry.path, "version"), "version-family", message)


@rule("v4_pseudo_header", "version", "addresses")
def pseudo_header(entry: Entry["VirtualRouter"]) -> Iterator[Finding]:
    """Only version 3 over IPv4 has two checksums to choose from."""
    model = entry.model
    if "v4_pseudo_header" not in entry.given or (model.version, model.family) == (V3, _IPV4):
        return
    never = model.version == V2
    message = (
        f"has no effect: the checksum of {'version 2 never' if never else 'IPv6 always'} covers it; remove"
    )
    yield warning((*entry.path, "v4_pseudo_header"), "no-effect", message)


@rule("source", "unicast", "addresses")
def host_family(entry: Entry["VirtualRouter"]) -> Iterator[Finding]:
    """A router speaks about addresses of a family in that family."""
    family = entry.model.family
    for path, address in hosts(entry.path, entry.model):
        if address.version != family:
            message = (
                f"{address} is IPv{address.version}, the VIPs are IPv{family}; write an IPv{family} address"
            )
            yield Finding(path, "family-mixed", message)


@rule("accept", "priority")
def accepts_nothing(entry: Entry["VirtualRouter"]) -> Iterator[Finding]:
    """The RFC's default is for gateways (RFC 9568 section 6.1, Accept_Mode)."""
    if entry.model.accept:
        return
    if entry.model.priority == OWNER:
        message = "has no effect at priority 255, whose owner accepts everything; remove it"
    else:
        message = (
            "drops what is sent to the VIPs, so nginx cannot be reached there: for gateways alone; remove it"
        )
    yield warning((*entry.path, "accept"), "accept", message)


@rule("unicast", "hosts")
def one_peer_of_two(entry: Entry["VirtualRouter"]) -> Iterator[Finding]:
    """Of two hosts one is the other."""
    unicast = entry.model.unicast
    if entry.model.hosts is None or unicast is None:
        return
    # Without a source the host itself may be among them.
    others = len({*unicast.peers} - {unicast.source})
    if others > (1 if unicast.source is not None else 2):
        message = f"unicast.peers names {others} other hosts, and `hosts: 2` says one; remove `hosts`"
        yield Finding((*entry.path, "hosts"), "hosts-peers", message)


class VirtualRouter(Addresses, Election, Adverts):
    """One virtual router: a VRID on an interface and the addresses that move together."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (
        named("router"),
        *Addresses.rules,
        *Election.rules,
        *Adverts.rules,
        version_of_family,
        pseudo_header,
        host_family,
        accepts_nothing,
        one_peer_of_two,
    )
