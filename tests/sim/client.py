"""A client's neighbour table, as Linux keeps it: no entry changes twice within a second (locktime)."""

from ipaddress import IPv4Address, IPv6Address

from sidecar.core.address import Address

LOCKTIME = 1.0
_ARP_SENDER_MAC = slice(22, 28)
_ARP_SENDER_IP = slice(28, 32)
_ETHERTYPE = slice(12, 14)
_IPV6 = b"\x86\xdd"
_NA_TARGET = slice(62, 78)
_NA_OPTION_MAC = slice(80, 86)


class Client:
    """Believes gratuitous ARP and unsolicited neighbour advertisements."""

    def __init__(self) -> None:
        self.neighbours: dict[Address, bytes] = {}
        self._changed_at: dict[Address, float] = {}

    def hear(self, frame: bytes, now: float) -> None:
        """Take one frame."""
        address: Address = IPv4Address(frame[_ARP_SENDER_IP])
        mac = frame[_ARP_SENDER_MAC]
        if frame[_ETHERTYPE] == _IPV6:
            address, mac = IPv6Address(frame[_NA_TARGET]), frame[_NA_OPTION_MAC]
        if self.neighbours.get(address) == mac or now - self._changed_at.get(address, -LOCKTIME) < LOCKTIME:
            return
        self.neighbours[address] = mac
        self._changed_at[address] = now
