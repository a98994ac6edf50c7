"""The two types of an address: of a host, and a VIP with the length of its prefix; how one is removed."""

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

Address = IPv4Address | IPv6Address

Vip = IPv4Interface | IPv6Interface


def removal(address: Vip, peer: str, device: str) -> str:
    """Return the command that takes an address away from an interface.

    `peer` is the other end of a point-to-point address, "" of any other: of IPv4 the kernel finds no address
    without its own end, and the length of the prefix is that end's.
    """
    which = f"{address.ip} peer {peer}" if peer else str(address)
    return f"ip address del {which} dev {device}"
