"""Traffic of some seconds, before the firewall and behind it, and the machines that answer for the VIPs."""

import select
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Self

from sidecar import bpf
from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.wire import arp, ndp
from sidecar.doctor.evidence import Air, Claim, Device, Heard, Kernel
from sidecar.doctor.problem import Unseen
from sidecar.doctor.readers.capture import Capture, send_frames
from sidecar.net.vrrp.vrrp_socket import VrrpSocket

_LEAST: Final = 4.0
_MOST: Final = 10.0
"""Seconds to listen, at least and at most."""
_ASKED: Final = (0.0, 0.5, 1.5)
"""Moments, in seconds, at which the VIPs are asked for."""
_PROBED: Final = 64
"""VIPs of one interface that are asked for: more would be a burst."""
_KINDS: Final = 4096
"""Different packets that are remembered."""
_BATCH: Final = 64

_Sender = tuple[str, Address, int]
"""Interface, address and VRID."""


def seconds(routers: Iterable[RouterParams]) -> float:
    """Return how long to listen: three intervals of the slowest router and a second, within bounds."""
    longest = max((router.interval for router in routers), default=1.0)
    return min(_MOST, max(_LEAST, 3 * longest + 1))


def listen(routers: tuple[RouterParams, ...], kernel: Kernel | Unseen, for_seconds: float) -> Air | Unseen:
    """Listen on the interface of each router. Takes that long. Needs NET_RAW."""
    if isinstance(kernel, Unseen):
        return kernel
    wanted = {
        device.name: (device, [router for router in routers if kernel.device(router) == device])
        for device in kernel.devices.values()
        if device.up
    }
    if not wanted:
        return Unseen("no interface of a router is up, so no packet arrives")
    try:
        with _LanCapture(wanted) as capture:
            capture.listen(for_seconds)
            return capture.air(for_seconds)
    except OSError as error:
        lacks = "it needs the capability NET_RAW" if isinstance(error, PermissionError) else error.strerror
        return Unseen(f"packets cannot be seen from here: {lacks}")


@dataclass(slots=True)
class _LanCapture:
    wanted: Mapping[str, tuple[Device, list[RouterParams]]]
    _seen: Counter[tuple[str, bool, PacketReceived]] = field(default_factory=Counter)
    _passed: Counter[_Sender] = field(default_factory=Counter)
    _claims: set[Claim] = field(default_factory=set)
    _captures: list[Capture] = field(default_factory=list)
    _sockets: list[VrrpSocket] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for device, routers in self.wanted.values():
                capture = Capture(device.name)
                stack.callback(capture.close)
                self._captures.append(capture)
                for family in sorted({router.family for router in routers}):
                    behind = VrrpSocket(device.name, device.index, family)
                    stack.callback(behind.close)
                    multicast = any(not router.unicast for router in routers if router.family == family)
                    behind.listen(bpf.assemble([bpf.ACCEPT]), multicast=multicast)
                    self._sockets.append(behind)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def listen(self, for_seconds: float) -> None:
        """Take everything in until the time is over, and ask for the VIPs."""
        began = time.monotonic()
        asked = list(_ASKED)
        poll = select.poll()
        for descriptor in (
            *(each.fileno() for each in self._captures),
            *(each.fileno() for each in self._sockets),
        ):
            poll.register(descriptor, select.POLLIN)
        while (now := time.monotonic() - began) < for_seconds:
            if asked and now >= asked[0]:
                asked.pop(0)
                self._ask()
            until = min([for_seconds, *asked[:1]])
            poll.poll(max(1, int(1000 * (until - now))))
            self._take()

    def _take(self) -> None:
        for behind in self._sockets:
            for packet in behind.receive(_BATCH):
                if len(packet.payload) > 1:
                    self._passed[packet.interface, packet.source, packet.payload[1]] += 1
        for capture in self._captures:
            for each in capture.receive(_BATCH):
                if each.packet is not None:
                    key = each.mac, each.outgoing, each.packet
                    if key in self._seen or len(self._seen) < _KINDS:
                        self._seen[key] += 1
                elif each.claimed is not None and not each.outgoing and len(self._claims) < _KINDS:
                    self._claims.add(Claim(capture.device, each.claimed, each.mac))

    def _ask(self) -> None:
        for device, routers in self.wanted.values():
            vips = _vips(routers)
            if len(vips) <= _PROBED:
                send_frames(device.name, [frame for vip in vips if (frame := _question(vip, device))])

    def air(self, for_seconds: float) -> Air:
        """Return everything that was seen."""
        vips = {name: _vips(routers) for name, (_, routers) in self.wanted.items()}
        heard = [
            Heard(mac, outgoing, packet, count, 0 if outgoing else self._passed[_sender(packet)])
            for (mac, outgoing, packet), count in self._seen.items()
            if len(packet.payload) > 1
        ]
        return Air(
            for_seconds,
            tuple(sorted(heard, key=lambda each: (-each.count, each.mac))),
            tuple(claim for claim in self._claims if claim.address in vips[claim.device]),
            frozenset(
                (name, vip)
                for name, addresses in vips.items()
                for vip in addresses
                if len(addresses) <= _PROBED and _question(vip, self.wanted[name][0])
            ),
        )


def _sender(packet: PacketReceived) -> _Sender:
    return packet.interface, packet.source, packet.payload[1]


def _vips(routers: list[RouterParams]) -> list[Address]:
    return [vip.ip for router in routers for vip in router.addresses]


def _question(vip: Address, device: Device) -> bytes:
    """Return the frame that asks for a VIP, b"" if this host has no address to ask from."""
    mac = bytes.fromhex(device.mac.replace(":", ""))
    if len(mac) != 6:  # noqa: PLR2004 - no Ethernet
        return b""
    if isinstance(vip, IPv4Address):
        return arp.probe(vip, mac)
    local = [own.ip for own in device.own if isinstance(own.ip, IPv6Address) and own.ip.is_link_local]
    return ndp.solicitation(vip, local[0], mac) if local else b""
