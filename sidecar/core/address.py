"""The two types of an address: that of a host, and a VIP with the length of its prefix."""

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

Address = IPv4Address | IPv6Address

Vip = IPv4Interface | IPv6Interface
