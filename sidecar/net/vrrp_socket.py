"""Raw sockets of IP protocol 112: one for each interface, for multicast and unicast alike."""

import socket
import struct
from ipaddress import IPv4Address
from typing import Final

from sidecar.core.events import PacketReceived
from sidecar.core.params import TTL, Address
from sidecar.core.vrrp import GROUP_V4, PROTOCOL

BATCH: Final = 512
"""Packets read at most in one go. More than a default receive buffer holds, so that after a stall
everything that waited is heard, and still an end to it under a flood."""

_IP_MULTICAST_ALL: Final = 49
_IP_PKTINFO: Final = 8
_TOS_NETWORK_CONTROL: Final = 0xC0
_PRIORITY_CONTROL: Final = 6
_MREQN = struct.Struct("=4s4si")
_PKTINFO = struct.Struct("=i4s4s")


class VrrpSocket:
    """Sends and receives VRRP packets on one interface. Never blocks."""

    def __init__(self, interface: str, index: int) -> None:
        """Open the socket and join 224.0.0.18. Raises OSError (EPERM without NET_RAW, ENODEV)."""
        self.interface = interface
        self.index = index
        self._socket = socket.socket(
            socket.AF_INET, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, PROTOCOL
        )
        try:
            self._configure()
        except OSError:
            self._socket.close()
            raise

    def _configure(self) -> None:
        option = self._socket.setsockopt
        option(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.interface.encode())
        option(socket.SOL_SOCKET, socket.SO_PRIORITY, _PRIORITY_CONTROL)
        option(socket.IPPROTO_IP, socket.IP_TOS, _TOS_NETWORK_CONTROL)
        option(socket.IPPROTO_IP, socket.IP_TTL, TTL)
        option(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, TTL)
        option(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        option(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        membership = _MREQN.pack(GROUP_V4.packed, bytes(4), self.index)
        option(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, membership)
        option(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    def receive(self) -> list[PacketReceived]:
        """Return everything that has arrived, up to BATCH packets. An error of the socket ends the batch."""
        packets: list[PacketReceived] = []
        while len(packets) < BATCH:
            try:
                datagram = self._socket.recv(65535)
            except OSError:
                break
            header = (datagram[0] & 0x0F) * 4
            packets.append(
                PacketReceived(
                    self.interface,
                    IPv4Address(datagram[12:16]),
                    IPv4Address(datagram[16:20]),
                    datagram[8],
                    datagram[header:],
                )
            )
        return packets

    def send(self, source: Address, destination: Address, payload: bytes) -> None:
        """Send one packet from exactly this source, never from a VIP. Raises OSError."""
        pktinfo = _PKTINFO.pack(self.index, source.packed, bytes(4))
        ancillary = [(socket.IPPROTO_IP, _IP_PKTINFO, pktinfo)]
        self._socket.sendmsg([payload], ancillary, 0, (str(destination), 0))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
