"""Everything that goes over the LAN: VRRP packets in and out, announcements out."""

import asyncio
from collections.abc import Callable

from sidecar.core.actions import Announce, SendAdvert
from sidecar.core.events import ActionExpired, PacketReceived, SendFailed
from sidecar.net.frames import FrameSocket
from sidecar.net.vrrp_socket import VrrpSocket


class Wire:
    """The sockets of all interfaces. `wake` is called when a packet can be read; reading is `receive`."""

    def __init__(self, clock: Callable[[], float], wake: Callable[[], None]) -> None:
        """Open the frame socket. Raises OSError (EPERM without NET_RAW)."""
        self._clock = clock
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._frames = FrameSocket()
        self._sockets: dict[str, VrrpSocket] = {}

    def listen(self, interface: str, index: int) -> str:
        """Have a socket on this interface, a new one if it is not the same interface any more.

        Return why that is impossible, or "".
        """
        known = self._sockets.get(interface)
        if known is not None and known.index == index:
            return ""
        self.leave(interface)
        try:
            opened = VrrpSocket(interface, index)
        except OSError as refused:
            return str(refused)
        self._sockets[interface] = opened
        self._loop.add_reader(opened.fileno(), self._wake)
        return ""

    def leave(self, interface: str) -> None:
        """Close the socket of an interface that is gone."""
        known = self._sockets.pop(interface, None)
        if known is not None:
            self._loop.remove_reader(known.fileno())
            known.close()

    def receive(self) -> list[PacketReceived]:
        """Return all packets that wait on any interface."""
        return [packet for each in self._sockets.values() for packet in each.receive()]

    def advertise(self, command: SendAdvert) -> SendFailed | ActionExpired | None:
        """Send an advertisement to every destination, unless it is too late for it."""
        sender = self._sockets.get(command.interface)
        if sender is None:
            return SendFailed(command.router, f"no socket on {command.interface}")
        errors = []
        for destination, payload in command.packets:
            late = self._clock() - command.not_after
            if late > 0:
                return ActionExpired(command.router, "SendAdvert", late)
            try:
                sender.send(command.source, destination, payload)
            except OSError as refused:
                errors.append(f"{destination}: {refused}")
        return SendFailed(command.router, "; ".join(errors)) if errors else None

    def announce(self, command: Announce) -> SendFailed | ActionExpired | None:
        """Send every frame of an announcement, unless it is too late for it."""
        for frame in command.frames:
            late = self._clock() - command.not_after
            if late > 0:
                return ActionExpired(command.router, "Announce", late)
            try:
                self._frames.send(command.interface, frame)
            except OSError as refused:
                return SendFailed(command.router, f"announcement on {command.interface}: {refused}")
        return None

    def close(self) -> None:
        """Close every socket."""
        for interface in tuple(self._sockets):
            self.leave(interface)
        self._frames.close()
