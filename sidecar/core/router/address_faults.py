"""Faults of a host's addresses for one router, each with the command that mends it."""

from collections.abc import Iterable
from typing import Final

from sidecar.core.address import Vip
from sidecar.core.events import ForeignVip
from sidecar.core.params import RouterParams
from sidecar.core.router.router_state import RouterState
from sidecar.core.state import Reason

_IPV4: Final = 4


def address_fault(params: RouterParams, router: RouterState) -> tuple[Reason, str] | None:
    """Return the first of them, None if there is none."""
    name, lease = params.interface, router.lease
    if router.source is None:
        return Reason.ADDRESS, _no_source(params)
    if lease.unreachable:
        return Reason.ADDRESS, _unreachable_vips(name, lease.unreachable)
    if lease.foreign:
        return Reason.VIP, foreign_vips(name, lease.foreign)
    if lease.duplicate:
        listed = ", ".join(map(str, sorted(lease.duplicate)))
        return Reason.VIP, f"another host on {name} has {listed} (DAD failed)"
    return None


def _no_source(params: RouterParams) -> str:
    """Say that an interface has no address to send advertisements from."""
    name, first = params.interface, params.addresses[0]
    wanted = params.source if params.unicast is None else params.unicast.source
    length = first.network.prefixlen
    shown = "LENGTH" if length == first.max_prefixlen else str(length)
    if wanted is not None:
        missing = f"does not have the source address of the file, {wanted}"
        return f"interface {name} {missing}: `ip address add {wanted}/{shown} dev {name}`"
    if params.family == _IPV4 or (params.unicast and not params.unicast.peers[0].is_link_local):
        return f"interface {name} has no address to send from: `ip address add ADDRESS/{shown} dev {name}`"
    return (
        f"interface {name} has no link-local address to send from: "
        f"`ip address add fe80::ADDRESS/64 dev {name}`"
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
    return "; ".join(_foreign(interface, each) for each in sorted(foreign))


def _foreign(interface: str, foreign: ForeignVip) -> str:
    removal = f"`ip address del {foreign.address} dev {foreign.interface}`"
    if foreign.silencer:
        return (
            f"{foreign.address} is on {foreign.interface}, too, and this host answers the LAN of {interface} "
            f"for it while it is backup: `{foreign.silencer}` ends that, or {removal}"
        )
    return f"{foreign.address} on {foreign.interface} was added by somebody else: {removal} removes it"
