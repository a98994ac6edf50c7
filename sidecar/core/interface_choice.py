"""How a configuration names an interface: by a name of it, or by an address or a network that it carries.

A name may move: Docker calls the interface eth1 that was eth0 before it was disconnected, and kernels
count anew. An address is what the interface is for.
"""

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def carried_network(interface: str) -> Network | None:
    """Return the network an address of which the interface has; None: it is chosen by its name.

    A single address is a network of one. Raises ValueError: neither, or bits of a host are set.
    """
    try:
        return ip_network(interface)
    except ValueError:
        if "/" in interface:
            raise
        return None


def same_interface(one: str, other: str) -> bool:
    """Whether two choices can only mean the same interface. A name and a network may: that is seen later."""
    first, second = carried_network(one), carried_network(other)
    if first is None or second is None:
        return one == other
    return first.version == second.version and first.overlaps(second)
