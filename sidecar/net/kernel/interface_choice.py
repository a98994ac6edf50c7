"""Which interface the configuration means when it names an address or a network, and why there is none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Self

from sidecar.core.interface_choice import carried_network
from sidecar.net.kernel.link import Link

_LISTED: Final = 8
"""Interfaces that a sentence names at most."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An interface chosen by the network of one of its addresses, as bits that are compared quickly."""

    interface: str
    size: int
    shift: int
    value: int

    @classmethod
    def of(cls, interface: str) -> Self | None:
        """Return how an interface is recognised, None if by its name."""
        network = carried_network(interface)
        if network is None:
            return None
        shift = network.max_prefixlen - network.prefixlen
        return cls(interface, network.max_prefixlen // 8, shift, int(network.network_address) >> shift)

    def has(self, packed: bytes) -> bool:
        """Whether an address belongs to the network."""
        return len(packed) == self.size and int.from_bytes(packed) >> self.shift == self.value


def missing_interface(interface: str, candidates: Sequence[Link], links: Collection[Link]) -> str:
    """Say why there is no interface that is chosen so, and what there is."""
    network = carried_network(interface)
    if candidates:
        names = " and ".join(sorted(link.name for link in candidates)[:_LISTED])
        return f"{names} each have an address of {interface}; write the name of one of them, or its address"
    lacks = f"interface {interface} does not exist"
    if network is not None:
        one = network.prefixlen == network.max_prefixlen
        lacks = f"no interface has the address {interface}" if one else f"no interface is in {interface}"
    if all(link.loopback for link in links):
        return (
            f"{lacks}: only lo is left: was the container whose network this is restarted? "
            "restart this one and nginx"
        )
    ordered = [link.name for link in sorted(links, key=lambda link: link.index)]
    more = f" and {len(ordered) - _LISTED} more" if len(ordered) > _LISTED else ""
    return f"{lacks}; there are {', '.join(ordered[:_LISTED])}{more}"
