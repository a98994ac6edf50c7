"""Everything that goes over the LAN: VRRP packets in and out, announcements out."""

from collections.abc import Callable, Collection, Sequence

from sidecar.core.actions import Announce, Identify, SendAdvert
from sidecar.core.events import ActionExpired, PacketReceived, SenderIdentified, SendFailed
from sidecar.core.params import RouterParams
from sidecar.core.vrrp import Drop
from sidecar.net.frames import FrameSocket
from sidecar.net.listener import Listener
from sidecar.net.sender_lookup import SenderLookups
from sidecar.net.vrrp_socket import VrrpSocket


class Wire:
    """The sockets of all interfaces.

    `wake` is called when a packet can be read; reading is `receive`. `post` gets the answers to
    Identify; `unread` gets interface, reason and number of packets that the kernel has thrown away.
    """

    def __init__(
        self,
        routers: Sequence[RouterParams],
        clock: Callable[[], float],
        wake: Callable[[], None],
        post: Callable[[SenderIdentified], None],
        unread: Callable[[str, Drop, int], None],
    ) -> None:
        """Open the frame socket. Raises OSError (EPERM without NET_RAW)."""
        self._routers = routers
        self._clock = clock
        self._wake = wake
        self._unread = unread
        self._frames = FrameSocket()
        self._lookups = SenderLookups(post)
        self._listeners: dict[tuple[str, int], Listener] = {}
        self._voices: dict[tuple[str, int], VrrpSocket] = {}

    def listen(self, interface: str, index: int, families: Collection[int]) -> str:
        """Hear and send on this interface in each of these families that a router there speaks.

        Sockets of other families are closed, and those of an earlier interface of this name.
        Return why that is impossible, or "".
        """
        self._keep(interface, index, families)
        for family in families:
            here = [r for r in self._routers if (r.interface, r.family) == (interface, family)]
            if not here or (interface, family) in self._listeners:
                continue
            try:
                listener = Listener(interface, index, here, self._wake)
            except OSError as refused:
                return str(refused)
            self._listeners[interface, family] = listener
            self._voices[interface, family] = listener.voice
        return ""

    def speak(self, interface: str, index: int) -> str:
        """Be able to send on the interface of a virtual MAC, where nothing is heard.

        The sources are addresses of the interface below it. Return why that is impossible, or "".
        """
        families = {router.family for router in self._routers if router.vip_interface == interface}
        self._keep(interface, index, families)
        for family in families:
            if (interface, family) in self._voices:
                continue
            try:
                self._voices[interface, family] = VrrpSocket(interface, index, family, borrow=True)
            except OSError as refused:
                return str(refused)
        return ""

    def leave(self, interface: str) -> None:
        """Close the sockets of an interface that is gone."""
        self._keep(interface, 0, ())

    def receive(self) -> list[PacketReceived]:
        """Return all packets that wait on any interface; of those that nobody wants, some."""
        packets: list[PacketReceived] = []
        for (interface, _), listener in self._listeners.items():
            packets += listener.receive()
            for reason, count in listener.unread().items():
                self._unread(interface, reason, count)
        return packets

    def advertise(self, command: SendAdvert) -> SendFailed | ActionExpired | None:
        """Send an advertisement to every destination, unless it is too late for it."""
        voice = self._voices.get((command.interface, command.source.version))
        if voice is None:
            return SendFailed(command.router, f"no socket on {command.interface}")
        errors = []
        for destination, payload in command.packets:
            late = self._clock() - command.not_after
            if late > 0:
                return ActionExpired(command.router, "SendAdvert", late)
            try:
                voice.send(command.source, destination, payload)
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

    def identify(self, command: Identify) -> None:
        """Search for the machine that a sender's packets come from. Answered by `post`."""
        self._lookups.start(command)

    def close(self) -> None:
        """Close every socket."""
        for interface in {interface for interface, _ in self._voices}:
            self.leave(interface)
        self._lookups.close()
        self._frames.close()

    def _keep(self, interface: str, index: int, families: Collection[int]) -> None:
        """Close the sockets of an interface but those of this index and these families."""
        for (name, family), voice in tuple(self._voices.items()):
            if name != interface or (voice.index == index and family in families):
                continue
            listener = self._listeners.pop((name, family), None)
            (listener or voice).close()
            del self._voices[name, family]
