"""Everything that goes over the LAN: VRRP packets in and out, announcements out."""

import errno
import socket
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from math import inf
from typing import Final

from sidecar.core.actions import Announce, Identify, PrioritizeSenders, SendAdvert, TrySending
from sidecar.core.address import Address
from sidecar.core.events import (
    ActionExpired,
    AdvertSent,
    PacketReceived,
    SenderIdentified,
    SendFailed,
    SendTried,
)
from sidecar.core.params import RouterParams
from sidecar.core.wire.advert import Drop
from sidecar.event_loop import EventLoop
from sidecar.net.vrrp.frames import FrameSocket
from sidecar.net.vrrp.listener import VrrpListener
from sidecar.net.vrrp.sender_lookup import SenderLookups
from sidecar.net.vrrp.vrrp_socket import VrrpSocket
from sidecar.net.worker import Worker

LOOK_EVERYWHERE: Final = 1.0
"""Seconds between two looks at what the kernel has thrown away where nothing has arrived."""
_IPV6: Final = 6
_FIREWALL: Final = (
    "a firewall of this host drops IP protocol 112 on its way out; `nft list ruleset` shows the rule, "
    "and before it `ip protocol 112 accept` (IPv6: `meta l4proto 112 accept`; "
    "iptables: `iptables -I OUTPUT -p 112 -j ACCEPT`) lets it pass"
)


class LanSockets:
    """The sockets of all interfaces.

    `wake` is called when a packet can be read; reading is `receive`. `post` gets the answers to
    Identify; `unread` gets interface, reason and number of packets that the kernel has thrown away;
    `trouble` gets component, reason and detail of what went wrong and is no reason to end.
    """

    def __init__(
        self,
        routers: Sequence[RouterParams],
        loop: EventLoop,
        closer: Worker,
        clock: Callable[[], float],
        wake: Callable[[], None],
        post: Callable[[SenderIdentified], None],
        unread: Callable[[str, Drop, int], None],
        trouble: Callable[[str, str, str], None],
    ) -> None:
        """Open the frame socket. Raises OSError (EPERM without NET_RAW).

        `closer` closes sockets of which the kernel takes leave slowly.
        """
        self._routers = routers
        self._loop = loop
        self._clock = clock
        self._wake = wake
        self._unread = unread
        self._trouble = trouble
        self._frames = FrameSocket()
        self._lookups = SenderLookups(loop, closer, post)
        self._listeners: dict[tuple[str, int], VrrpListener] = {}
        self._sending_sockets: dict[tuple[str, int], VrrpSocket] = {}
        self._tried: set[tuple[str, Address]] = set()
        """Interfaces and sources of trials. Those of IPv6 are looped back to us, with a hop limit of 0."""
        self._prioritized: dict[str, PrioritizeSenders] = {}
        self._names: dict[str, str] = {}
        self._lives: dict[str, Mapping[int, int]] = {}
        self._looked_at = -inf

    def listen(self, interface: str, index: int, lives: Mapping[int, int]) -> str:
        """Hear and send on this interface in each of these families that a router there speaks.

        `lives` by family: see Link. Sockets of other families are closed, and those of an earlier interface
        of this name, or of an earlier life of it. Return why that is impossible, or "".
        """
        known = self._lives.get(interface, lives)
        self._keep(interface, index, [each for each in lives if known.get(each) == lives[each]])
        self._lives[interface] = lives
        for family in lives:
            here = _on(self._routers, interface, family)
            if not here or (interface, family) in self._listeners:
                continue
            try:
                trouble = partial(self._note_trouble, interface)
                listener = VrrpListener(interface, index, here, self._loop, self._clock, self._wake, trouble)
            except OSError as refused:
                return str(refused)
            for router in here:
                if router.name in self._prioritized:
                    listener.prioritize(self._prioritized[router.name])
            self._listeners[interface, family] = listener
            self._sending_sockets[interface, family] = listener.sending_socket
        return ""

    def exchange(self, routers: Sequence[RouterParams], names: Mapping[str, str]) -> None:
        """Hear and send for these routers from now on. Sockets of interfaces that stay are kept.

        `names`: those of routers that stay, by their present ones.
        """
        before, self._routers = self._routers, routers
        prioritized = ((names.get(name), command) for name, command in self._prioritized.items())
        self._prioritized = {
            name: replace(command, router=name) for name, command in prioritized if name is not None
        }
        for (interface, family), listener in tuple(self._listeners.items()):
            was, here = (_on(each, interface, family) for each in (before, routers))
            if was == here:
                continue
            try:
                if here:
                    listener.exchange(here, names)
                    continue
            except OSError as refused:
                # It is opened anew by the next look.
                self._note_trouble(interface, str(refused))
            listener.close()
            del self._listeners[interface, family], self._sending_sockets[interface, family]
        for interface in {interface for interface, _ in self._sending_sockets}:
            if not any(interface in (router.interface, router.vip_interface) for router in routers):
                self.leave(interface)

    def rename(self, interface: str, name: str) -> None:
        """The kernel calls an interface so from now on, whatever the configuration calls it."""
        self._names[interface] = name

    def speak(self, interface: str, index: int) -> str:
        """Be able to send on the interface of a virtual MAC, where nothing is heard.

        The sources are addresses of the interface below it. Return why that is impossible, or "".
        """
        families = {router.family for router in self._routers if router.vip_interface == interface}
        self._keep(interface, index, families)
        for family in families:
            if (interface, family) in self._sending_sockets:
                continue
            try:
                self._sending_sockets[interface, family] = VrrpSocket(interface, index, family, borrow=True)
            except OSError as refused:
                return str(refused)
        return ""

    def leave(self, interface: str) -> None:
        """Close the sockets of an interface that is gone."""
        self._keep(interface, 0, ())
        self._tried = {tried for tried in self._tried if tried[0] != interface}

    def receive(self) -> list[PacketReceived]:
        """Return all packets that have made themselves heard; of those that nobody wants, some.

        Call it after a turn of the loop, which finds out on which interface something waits.
        """
        packets: list[PacketReceived] = []
        now = self._clock()
        everywhere = now >= self._looked_at + LOOK_EVERYWHERE
        if everywhere:
            self._looked_at = now
        for (interface, _), listener in self._listeners.items():
            if not (listener.pending or everywhere):
                continue
            packets += listener.receive()
            for reason, count in listener.unread().items():
                self._unread(interface, reason, count)
        if not self._tried:
            return packets
        return [each for each in packets if each.ttl or (each.interface, each.source) not in self._tried]

    def prioritize(self, command: PrioritizeSenders) -> None:
        """Know which adverts a router must hear in a flood, also on an interface that comes later."""
        router = next((each for each in self._routers if each.name == command.router), None)
        if router is None:
            return  # it has just gone
        self._prioritized[command.router] = command
        listener = self._listeners.get((router.interface, router.family))
        if listener is not None:
            listener.prioritize(command)

    def advertise(self, command: SendAdvert) -> SendFailed | AdvertSent | ActionExpired | None:
        """Send an advertisement to every destination, unless it is too late for it."""
        sender = self._sending_sockets.get((command.interface, command.source.version))
        failed = self._advertise(sender, command)
        # The source may be what was lost. Peers know this host by it, and believe nobody else.
        if isinstance(failed, SendFailed) and command.priority == 0:
            return self._resign_from_lost_source(command)
        return failed

    def _resign_from_lost_source(self, command: SendAdvert) -> SendFailed | AdvertSent | ActionExpired | None:
        name = self._names.get(command.interface, command.interface)
        try:
            index = socket.if_nametoindex(name)
            with closing(VrrpSocket(name, index, command.source.version, borrow=True)) as sender:
                return self._advertise(sender, command)
        except OSError as refused:
            return SendFailed(command.router, f"priority 0 from {command.source}: {refused}")

    def _advertise(
        self, sender: VrrpSocket | None, command: SendAdvert
    ) -> SendFailed | AdvertSent | ActionExpired | None:
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
                errors.append((destination, refused))
        if errors:
            unheard = len(errors) == len(command.packets)
            return SendFailed(command.router, _why_not(errors), unheard, heard=not unheard)
        return AdvertSent(command.router) if command.confirm else None

    def try_sending(self, command: TrySending) -> SendTried:
        """Find out whether an advertisement could be sent."""
        sender = self._sending_sockets.get((command.interface, command.source.version))
        if sender is None:
            return SendTried(command.router, f"no socket on {command.interface}")
        if command.source.version == _IPV6:
            self._tried.add((command.interface, command.source))
        try:
            sender.try_send(command.source, command.destination, command.payload)
        except OSError as refused:
            return SendTried(command.router, _why_not([(command.destination, refused)]))
        return SendTried(command.router)

    def announce(self, command: Announce) -> SendFailed | ActionExpired | None:
        """Send every frame of an announcement, unless it is too late for it."""
        for frame in command.frames:
            late = self._clock() - command.not_after
            if late > 0:
                return ActionExpired(command.router, "Announce", late)
            try:
                self._frames.send(self._names.get(command.interface, command.interface), frame)
            except OSError as refused:
                error = f"announcement on {command.interface}: {refused}"
                return SendFailed(command.router, error, unheard=False)
        return None

    def identify(self, command: Identify) -> None:
        """Search for the machine that a sender's packets come from. Answered by `post`."""
        self._lookups.start(replace(command, interface=self._names.get(command.interface, command.interface)))

    def close(self) -> None:
        """Close every socket."""
        for interface in {interface for interface, _ in self._sending_sockets}:
            self.leave(interface)
        self._lookups.close()
        self._frames.close()

    def _note_trouble(self, interface: str, detail: str) -> None:
        self._trouble("vrrp", "listen", f"{interface}: {detail}")

    def _keep(self, interface: str, index: int, families: Collection[int]) -> None:
        """Close the sockets of an interface but those of this index and these families."""
        for (name, family), sender in tuple(self._sending_sockets.items()):
            if name != interface or (sender.index == index and family in families):
                continue
            listener = self._listeners.pop((name, family), None)
            (listener or sender).close()
            del self._sending_sockets[name, family]


def _on(routers: Iterable[RouterParams], interface: str, family: int) -> list[RouterParams]:
    return [router for router in routers if (router.interface, router.family) == (interface, family)]


def _why_not(errors: Sequence[tuple[Address, OSError]]) -> str:
    """Say why packets were not sent, and what mends it where that is known."""
    said = "; ".join(f"{destination}: {refused.strerror}" for destination, refused in errors)
    firewall = any(refused.errno == errno.EPERM for _, refused in errors)
    return f"{said} ({_FIREWALL})" if firewall else said
