"""Which virtual router of this host a packet is for."""

from collections.abc import Iterable

from sidecar.core.events import PacketReceived
from sidecar.core.router.differences import claimed_bytes
from sidecar.core.router.election import Election


class Demultiplexer:
    """The routers of one host by what a packet says: its VRID, or a VIP of ours under another VRID."""

    def __init__(self, elections: Iterable[Election]) -> None:
        elections = tuple(elections)
        self._by_vrid = {(e.params.interface, e.params.family, e.params.vrid): e for e in elections}
        self._by_vip = {
            (e.params.interface, vip.ip.packed): e for e in elections for vip in e.params.addresses
        }

    def by_vrid(self, packet: PacketReceived) -> Election | None:
        """Return the router of the packet's VRID, which is the second byte of every version."""
        vrid = packet.payload[1] if len(packet.payload) > 1 else -1
        return self._by_vrid.get((packet.interface, packet.source.version, vrid))

    def by_vip(self, packet: PacketReceived) -> Election | None:
        """Return the router one of whose VIPs the packet claims."""
        claimed = (self._by_vip.get((packet.interface, address)) for address in claimed_bytes(packet))
        return next((election for election in claimed if election is not None), None)
