"""Virtual routers beside each other: what each of them must have for itself."""

from collections.abc import Iterator, Sequence
from typing import Final

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, Path, dotted, quoted
from sidecar.config.router.adverts import hosts
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.config.values.scalars import HostAddress
from sidecar.core.interface_choice import same_interface

_IPV6: Final = 6

Routers = Sequence[Entry[VirtualRouter]]


def side_by_side(entries: Routers) -> Iterator[Finding]:
    """On one interface each VRID of a family belongs to one virtual router, and on all of them each VIP.

    A host has an address once, on whichever interface: two routers that hold it remove it from each other.
    Only link-local IPv6 addresses are others on each link.
    """
    vrids: dict[tuple[str, int, int], str] = {}
    vips: dict[tuple[str, HostAddress], tuple[str, Path]] = {}
    interfaces: list[str] = []
    for entry in entries:
        if "interface" in entry.wrong:
            continue
        name, model = str(entry.path[-1]), entry.model
        where = next((each for each in interfaces if same_interface(each, model.interface)), model.interface)
        if where not in interfaces:
            interfaces.append(where)
        if {"vrid", "addresses"}.isdisjoint(entry.wrong):
            other = vrids.setdefault((where, model.vrid, model.family), name)
            if other != name:
                message = f"router {quoted(other)} has it on {model.interface} already; choose another VRID"
                yield Finding((*entry.path, "vrid"), "vrid-twice", message)
        for index, vip in entry.items("addresses"):
            path: Path = (*entry.path, "addresses", index)
            link = where if vip.version == _IPV6 and vip.ip.is_link_local else ""
            other, first = vips.setdefault((link, vip.ip), (name, path))
            if other != name:
                message = (
                    f"router {quoted(other)} has {vip.ip} already, at {dotted(first)}; a host has an address "
                    "once, whatever interface it is on: remove one of the two"
                )
                yield Finding(path, "vip-twice", message)


def one_macvlan_each(entries: Routers) -> Iterator[Finding]:
    """A virtual MAC lives on an interface named after family and VRID, which exists once on a host."""
    seen: dict[tuple[int, int], Entry[VirtualRouter]] = {}
    for entry in entries:
        model = entry.model
        if not {"vrid", "addresses", "virtual_mac"}.isdisjoint(entry.wrong) or not model.virtual_mac:
            continue
        family = model.family
        first = seen.setdefault((family, model.vrid), entry)
        # on one interface the VRID itself is the mistake, and side_by_side says so
        if first.model.interface != model.interface:
            message = (
                f"router {quoted(first.path[-1])} with VRID {model.vrid} has it too, and both would need the "
                f"interface vrrp{family}-{model.vrid}; choose another VRID, or use it for one of them"
            )
            yield Finding((*entry.path, "virtual_mac"), "virtual-mac-twice", message)


def no_vip_among_hosts(entries: Routers) -> Iterator[Finding]:
    """Adverts between hosts cannot use an address that moves between them."""
    owners: dict[HostAddress, Path] = {}
    for entry in entries:
        for _, vip in entry.items("addresses"):
            owners.setdefault(vip.ip, entry.path)
    for entry in entries:
        for path, address in hosts(entry.path, entry.model):
            owner = owners.get(address)
            if owner is not None:
                whose = "this router" if owner == entry.path else f"router {quoted(owner[-1])}"
                message = f"{address} is a VIP of {whose}; write the host's own address"
                yield Finding(path, f"{path[2]}-vip", message)
