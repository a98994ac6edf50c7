"""Which VIPs an advertisement names: all, or as many as fit into one packet of the interface.

RFC 9568 has one packet, and a host that loses a fragment of it would take a living master for dead. All hosts
must name the same: what fits is chosen by number and not by the order of the file.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sidecar.core.address import Address, Vip
from sidecar.core.params import RouterParams
from sidecar.core.wire.advert import HEADER, PASSWORD_SIZE, TRAILER_SIZE
from sidecar.core.wire.constants import V2

_SIZES: Final = {4: (20, 4), 6: (40, 16)}
"""Bytes of the IP header and of an address, by family."""
_NAMED: Final = 3
"""Addresses that a sentence names."""


def fitting(params: RouterParams, mtu: int) -> tuple[Vip, ...]:
    """Return the VIPs that an advertisement names, given the greatest packet in bytes. 0: it is not known.

    Link-local addresses come first, as RFC 9568 section 5.2.9 wants it.
    """
    header, size = _SIZES[params.family]
    rest = HEADER + (PASSWORD_SIZE if params.version == V2 else 0)
    rest += 0 if params.hmac is None else TRAILER_SIZE
    most = (mtu - header - rest) // size
    if not mtu or len(params.addresses) <= most:
        return params.addresses
    ordered = sorted(params.addresses, key=lambda vip: (not vip.ip.is_link_local, vip.ip))
    return tuple(ordered[: max(1, most)])


def names_all(params: RouterParams, named: Iterable[Address], fit: Iterable[Vip]) -> bool:
    """Whether another host's advertisement names all VIPs, or those that would fit into one of this host."""
    theirs = frozenset(named)
    return theirs == {vip.ip for vip in params.addresses} or theirs == {vip.ip for vip in fit}


def too_many(params: RouterParams, left: Sequence[Vip], mtu: int) -> str:
    """Say that some VIPs are not advertised, and what mends it."""
    named = ", ".join(str(vip.ip) for vip in left[:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    fit = len(params.addresses) - len(left)
    return (
        f"an advert of {mtu} bytes (the MTU) has room for {fit} of {len(params.addresses)} addresses; held "
        f"and announced but not advertised: {named}{more}; divide them among several virtual routers"
    )
