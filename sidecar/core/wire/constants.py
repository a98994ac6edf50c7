"""Versions, groups and hop limit of the protocol."""

from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sidecar.core.address import Address

V2: Final = 2

V3: Final = 3
"""Protocol versions: RFC 3768 and RFC 9568."""

GROUPS: Final[dict[int, Address]] = {4: IPv4Address("224.0.0.18"), 6: IPv6Address("ff02::12")}
"""The multicast group of each family (RFC 9568 sections 5.1.1.2 and 5.1.2.2)."""

TTL: Final = 255
"""TTL and hop limit of every advertisement sent: nobody beyond a router can send one."""
