"""A client's neighbour table, as Linux keeps it: no entry changes twice within a second (locktime)."""

from ipaddress import IPv4Address

LOCKTIME = 1.0
_ARP_SENDER_MAC = slice(22, 28)
_ARP_SENDER_IP = slice(28, 32)


class Client:
    """Believes gratuitous ARP."""

    def __init__(self) -> None:
        self.neighbours: dict[IPv4Address, bytes] = {}
        self._changed_at: dict[IPv4Address, float] = {}

    def hear(self, frame: bytes, now: float) -> None:
        """Take one ARP frame."""
        address, mac = IPv4Address(frame[_ARP_SENDER_IP]), frame[_ARP_SENDER_MAC]
        if self.neighbours.get(address) == mac or now - self._changed_at.get(address, -LOCKTIME) < LOCKTIME:
            return
        self.neighbours[address] = mac
        self._changed_at[address] = now
