"""Hosts that hear nobody, each with wires of its own to a recorder of adverts."""

import re
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.interop.recording import Frame, adverts
from tests.netns.namespace import Namespace
from tests.netns.witness_frames import listen

ELSEWHERE = ("198.51.100.0/24",)
"""Networks that are reached through the first interface of a host."""
_MAC = "02:00:00:77:00:0b"
_PEER = "02:00:00:77:00:0c"
_OUTGOING = 4
_LONGEST = 2048
_LOOK = 0.1
_IPV4 = 0x0800


@dataclass(frozen=True, slots=True)
class Ends:
    """What a host has: interfaces, the addresses of the first one, and unicast peers, whom nobody is.

    Source addresses are under checksums, so two hosts that are compared have the same ones.
    """

    interfaces: Sequence[str]
    addresses: Sequence[str]
    peers: Sequence[str]
    networks: Sequence[tuple[str, str]]
    """An interface, and an address that makes a network known there."""


@dataclass(frozen=True, slots=True)
class Advert:
    """An advert without its IP header, and the address in that header as bytes."""

    source: bytes
    data: bytes


Heard = Mapping[str, Advert]
"""The first advert of each virtual router of a host, by `eth0 IPv4 VRID 51`."""


def label(interface: str, family: int, vrid: int) -> str:
    """Return the name of a virtual router as the wire knows it."""
    return f"{interface} IPv{family} VRID {vrid}"


class Wires:
    """The recorder, and the hosts that were plugged in."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._middle = self._namespace()
        with self._middle.network():
            self._socket = listen()
        stack.callback(self._socket.close)
        self._ports: dict[str, tuple[str, str]] = {}
        self._heard: dict[str, dict[str, Advert]] = {}

    def _namespace(self) -> Namespace:
        made = Namespace()
        self._stack.callback(made.close)
        return made

    def host(self, name: str, ends: Ends) -> Namespace:
        """Plug in a host."""
        made = self._namespace()
        self._heard[name] = {}
        for number, interface in enumerate(ends.interfaces):
            port = f"p{len(self._ports)}"
            self._ports[port] = (name, interface)
            self._middle.ip(
                f"link add {port} type veth peer name {interface} address {_MAC} netns {made.pid}",
                f"link set {port} addrgenmode none",
                f"link set {port} up",
            )
            own = ends.addresses if number == 0 else (f"10.77.{number}.11/24", f"2001:db8:{number:x}::11/64")
            made.ip(
                f"link set {interface} addrgenmode none",
                *(f"addr add {each} dev {interface}{_at_once(each)}" for each in (*own, "fe80::11/64")),
                f"link set {interface} up",
            )
        made.ip(
            *(
                f"addr add {each} dev {interface}{_at_once(each)}"
                for interface, each in dict.fromkeys(ends.networks)
                if interface in ends.interfaces
            )
        )
        first = ends.interfaces[0]
        made.ip(
            *(f"route append {network} dev {first}" for network in ELSEWHERE),
            *(f"neigh add {peer} lladdr {_PEER} dev {first} nud permanent" for peer in ends.peers),
        )
        return made

    def record_until(self, done: Callable[[Mapping[str, Heard]], bool], within: float) -> Mapping[str, Heard]:
        """Return what each host was heard to send, once that is enough or the time is over."""
        until = time.monotonic() + within
        while not done(self._heard) and time.monotonic() < until:
            time.sleep(_LOOK)
            self._read()
        return self._heard

    def _read(self) -> None:
        while True:
            try:
                data, (port, _, direction, *_) = self._socket.recvfrom(_LONGEST, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if direction != _OUTGOING and port in self._ports:
                host, interface = self._ports[port]
                for advert in adverts([Frame(time.monotonic(), host, data)]):
                    family, source = _sender(data)
                    name = label(interface, family, advert[1])
                    self._heard[host].setdefault(name, Advert(source, advert))


def usable(name: str) -> bool:
    """Return whether an interface can be called so, without what only looks like a name."""
    return bool(re.fullmatch(r"[A-Za-z0-9_.-]{1,15}", name))


def _at_once(address: str) -> str:
    return " nodad" if ":" in address else ""


def _sender(frame: bytes) -> tuple[int, bytes]:
    if int.from_bytes(frame[12:14], "big") == _IPV4:
        return 4, frame[26:30]
    return 6, frame[22:38]
