"""Faults of a host's addresses for one router, each with the command that mends it."""

from collections.abc import Iterable
from typing import Final

from sidecar.core.address import Vip, removal
from sidecar.core.events import ForeignVip, InterfaceState
from sidecar.core.params import RouterParams
from sidecar.core.router.router_state import RouterState
from sidecar.core.state import Reason

_IPV4: Final = 4
_OWN: Final = "if it is this host's own address, choose another VIP"


def named(params: RouterParams, link: InterfaceState) -> str:
    """Return an interface as the file and as the kernel call it."""
    chosen = params.interface
    return chosen if link.name in ("", chosen) else f"{chosen} ({link.name})"


def address_fault(
    params: RouterParams, router: RouterState, link: InterfaceState
) -> tuple[Reason, str] | None:
    """Return the first of them, None if there is none."""
    lease = router.lease
    # In a command it is called as the kernel calls it: the file may have chosen it by what it carries.
    device = link.name or params.interface
    if router.source is None:
        return Reason.ADDRESS, _no_source(params, link, device)
    if lease.unreachable:
        return Reason.ADDRESS, _unreachable_vips(device, lease.unreachable)
    if lease.foreign:
        return Reason.VIP, foreign_vips(device, lease.foreign)
    if lease.duplicate:
        listed = ", ".join(map(str, sorted(lease.duplicate)))
        return Reason.VIP, f"another host on {device} has {listed} (DAD failed)"
    return None


def _no_source(params: RouterParams, link: InterfaceState, device: str) -> str:
    """Say that an interface has no address to send advertisements from."""
    name, first = named(params, link), params.addresses[0]
    wanted = params.source if params.unicast is None else params.unicast.source
    length = first.network.prefixlen
    shown = "LENGTH" if length == first.max_prefixlen else str(length)
    if link.lost:
        return (
            f"{device} has no address of {params.interface} any more, by which it was chosen: "
            f"`ip address add ADDRESS/LENGTH dev {device}`"
        )
    if params.family != _IPV4 and link.no_ipv6:
        return f"interface {name} has no address to send from: {link.no_ipv6}"
    if wanted is not None:
        missing = f"does not have the source address of the file, {wanted}"
        return f"interface {name} {missing}: `ip address add {wanted}/{shown} dev {device}`"
    if params.family == _IPV4 or (params.unicast and not params.unicast.peers[0].is_link_local):
        return f"interface {name} has no address to send from: `ip address add ADDRESS/{shown} dev {device}`"
    return (
        f"interface {name} has no link-local address to send from: "
        f"`ip address add fe80::ADDRESS/64 dev {device}`"
    )


def _unreachable_vips(interface: str, vips: Iterable[Vip]) -> str:
    """Say that a host cannot answer the subnet of a VIP."""
    first, *more = sorted(vips)
    also = f"; the same for {', '.join(map(str, more))}" if more else ""
    return (
        f"this host has no direct route to {first.network} by {interface}, so it would not reach clients "
        f"there: `ip address add ADDRESS/{first.network.prefixlen} dev {interface}` gives it one (beside "
        f"such an address `ip route add {first.network} dev {interface}`); if clients are reached by "
        f"another way, write {first.ip}/{first.max_prefixlen} in the file{also}"
    )


def foreign_vips(interface: str, foreign: Iterable[ForeignVip]) -> str:
    """Say which VIPs somebody else has added, where, and how they are removed or allowed."""
    places = sorted(foreign)
    told = "; ".join(_foreign(interface, each) for each in places)
    # Where a VIP is the host's own address, the command that is told here would cut the host off.
    return told if all(each.silencer for each in places) else f"{told}; {_OWN}"


def _foreign(interface: str, foreign: ForeignVip) -> str:
    command = f"`{removal(foreign.address, foreign.peer, foreign.interface)}`"
    if foreign.silencer:
        return (
            f"{foreign.address} is on {foreign.interface}, too, and this host answers the LAN of {interface} "
            f"for it while it is backup: `{foreign.silencer}` ends that, or {command}"
        )
    return f"{foreign.address} on {foreign.interface} was added by somebody else: {command} removes it"
