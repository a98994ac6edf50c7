"""Raw sockets of IP protocol 112, one family each. Their filter decides which packets they receive."""

import errno
import os
import socket
import struct
from typing import Final

from sidecar import bpf
from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.wire.advert import PROTOCOL
from sidecar.net.vrrp.raw_ip import RAW_IP

_SOME: Final = 64
_PRIORITY_CONTROL: Final = 6
_SO_RCVBUFFORCE: Final = 33
_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("=9I")
_DROPS: Final = 8  # SK_MEMINFO_DROPS
_WRAPS: Final = 1 << 32


class VrrpSocket:
    """Sends VRRP packets on one interface, and hears them after `listen`. Never blocks."""

    def __init__(self, interface: str, index: int, family: int, *, borrow: bool = False) -> None:
        """Open the socket for family 4 or 6. Raises OSError (EPERM without NET_RAW, ENODEV).

        `borrow`: it sends from addresses that only another interface has, or that the host has lost.
        """
        self.interface = interface
        self.index = index
        self._unread = 0
        self._raw_ip = RAW_IP[family]
        self._socket = socket.socket(
            self._raw_ip.family, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, PROTOCOL
        )
        try:
            bpf.attach(self._socket, bpf.DROP_ALL)
            # The configuration may call it differently: by an address, or by a name longer than fits here.
            device = os.fsencode(socket.if_indextoname(index))
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, _PRIORITY_CONTROL)
            for level, name, value in self._raw_ip.options:
                self._socket.setsockopt(level, name, value)
            self._raw_ip.choose(self._socket, index)
            if borrow:
                self._raw_ip.borrow(self._socket)
        except OSError:
            self.close()
            raise
        # It may have received from any interface before it was filtered and bound to this one.
        while self.receive(_SOME):
            pass

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    def listen(self, program: bytes, *, multicast: bool) -> None:
        """Hear what the filter accepts from now on, also of what is sent to the group. Raises OSError."""
        self.filter(program)
        if multicast:
            self.join()

    def join(self) -> None:
        """Hear what is sent to the group, too. Raises OSError."""
        self._raw_ip.join(self._socket, self.index)

    def set_member(self, *, on: bool) -> None:
        """Hear what is sent to the group, too, or no more; it may be so already. Raises OSError."""
        try:
            (self._raw_ip.join if on else self._raw_ip.leave)(self._socket, self.index)
        except OSError as refused:
            if refused.errno != (errno.EADDRINUSE if on else errno.EADDRNOTAVAIL):
                raise

    def filter(self, program: bytes) -> None:
        """Hear what this filter accepts from now on instead, without a gap. Raises OSError."""
        bpf.attach(self._socket, program)

    def widen_queue(self, size: int) -> None:
        """Let about twice these bytes wait; without NET_ADMIN no more than the host's limit."""
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, size)
        except PermissionError:
            self.limit_queue(size)

    def limit_queue(self, size: int) -> None:
        """Let no more than about twice these bytes wait; the kernel counts its own overhead too."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def receive(self, most: int) -> list[PacketReceived]:
        """Return what has arrived, up to a number of packets. An error of the socket ends the batch."""
        packets: list[PacketReceived] = []
        while len(packets) < most:
            try:
                datagram = self._raw_ip.receive(self._socket)
            except OSError:
                break
            packets.append(PacketReceived(self.interface, *datagram))
        return packets

    def unread(self) -> int:
        """Return how many packets the kernel has thrown away: the queue was full, or an IPv6 checksum wrong.

        Packets that the filter refuses are not among them.
        """
        raw = self._socket.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
        self._unread += (_MEMINFO.unpack(raw)[_DROPS] - self._unread) % _WRAPS
        return self._unread

    def send(self, source: Address, destination: Address, payload: bytes) -> None:
        """Send one packet from exactly this source, never from a VIP. Raises OSError."""
        self._raw_ip.send(self._socket, self.index, source, destination, payload)

    def try_send(self, source: Address, destination: Address, payload: bytes) -> None:
        """Do all that `send` does but let a multicast packet leave this host. Raises OSError."""
        if not destination.is_multicast:
            self.send(source, destination, payload)
            return
        self._raw_ip.confine(self._socket, on=True)
        try:
            self.send(source, destination, payload)
        finally:
            self._raw_ip.confine(self._socket, on=False)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
