"""The filter of an interface, its routers, and packets of every sort."""

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_interface
from random import Random
from typing import Final

from sidecar.core.address import Address, Vip
from sidecar.core.events import PacketReceived
from sidecar.core.params import AuthMode, HmacParams, RouterParams, Unicast
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS, V2, V3
from sidecar.core.wire.hmac_key import HmacKey
from sidecar.net.vrrp.packet_filter import Filters, filters
from sidecar.net.vrrp.vrrp_socket import VrrpSocket
from tests.kernel.far_end import give_ipv6
from tests.kernel.own_namespace import ip
from tests.kernel.packets import PEERS, Sender, frame, sender

PACKETS: Final = 10_000
"""Generated for each family."""

OWN: Final = {4: ip_address("10.77.0.11"), 6: ip_address("fe80::11")}

SECOND: Final = {4: ip_address("10.77.0.21"), 6: ip_address("fd77::11")}
"""Another address of ours."""

EVERYBODY: Final = {4: SECOND[4], 6: ip_address("ff02::1")}
"""Raw sockets of IPv6 hear every group that somebody on the host has joined, and this one is always."""

UNKNOWN_SENDERS: Final = {4: ip_address("10.77.0.99"), 6: ip_address("fe80::99")}

FRIENDS: Final = {4: ip_address("10.77.0.13"), 6: ip_address("fd77::13")}

PERMISSIVE: Final = AuthMode.PERMISSIVE

VIPS: Final[dict[int, Vip]] = {4: ip_interface("10.77.0.100/32"), 6: ip_interface("fe80::100/128")}


def routers(family: int) -> dict[int, RouterParams]:
    """One of each sort, by VRID."""
    plain = RouterParams("multicast", "v0", 51, 100, (VIPS[family],))
    own, friends = OWN[family], (PEERS[family], FRIENDS[family])
    sorts = [
        plain,
        replace(plain, name="unicast", vrid=52, unicast=Unicast(own, friends)),
        replace(plain, name="routed", vrid=53, unicast=Unicast(SECOND[family], friends[1:], min_ttl=200)),
        replace(plain, name="signed", vrid=56, hmac=HmacParams((HmacKey(1, bytes(32)),))),
        replace(plain, name="half signed", vrid=57, hmac=HmacParams((HmacKey(1, bytes(32)),), PERMISSIVE)),
        replace(plain, name="another", vrid=255),
    ]
    if family == 4:
        sorts.append(replace(plain, name="old", vrid=54, version=V2))
        sorts.append(replace(plain, name="old unicast", vrid=55, version=V2, unicast=Unicast(own, friends)))
    return {router.vrid: router for router in sorts}


SPEAKER: Final = {4: ip_address("10.77.0.98"), 6: ip_address("fe80::98")}
"""Who says what follows every packet."""

SENTINEL: Final = {
    family: encode(
        Advert(255, 177, 100, (VIPS[family].ip,)), SPEAKER[family], GROUPS[family], pseudo_header=True
    )
    for family in (4, 6)
}
"""What follows every packet: when it has been heard, the packet has been judged."""


@dataclass
class Judge:
    """The filters of all queues, at work."""

    sender: Sender
    family: int
    queues: dict[str, VrrpSocket]
    """By what they are for; `urgent` hears the sentinel."""

    def judge(self, packet: PacketReceived, options: bytes = b"") -> str:
        """Say where a packet goes: wanted, refused or nowhere."""
        queue = self.sort(packet, options)
        return queue if queue in {"refused", "nowhere"} else "wanted"

    def sort(self, packet: PacketReceived, options: bytes = b"") -> str:
        """Say which queue a packet goes to: one of them or nowhere."""
        group = GROUPS[self.family]
        self.sender.send(
            frame(packet.source, packet.destination, packet.payload, packet.ttl, options),
            frame(SPEAKER[self.family], group, SENTINEL[self.family]),
        )
        heard = {"urgent": self._until_sentinel()}
        heard |= {name: queue.receive(9) for name, queue in self.queues.items() if name != "urgent"}
        went = [(name, each) for name, packets in heard.items() for each in packets]
        assert len(went) <= 1
        assert all(each == packet for _, each in went)
        return went[0][0] if went else "nowhere"

    def _until_sentinel(self) -> list[PacketReceived]:
        heard: list[PacketReceived] = []
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            heard += self.queues["urgent"].receive(9)
            if heard and heard[-1].payload == SENTINEL[self.family]:
                return heard[:-1]
        raise AssertionError("the sentinel did not arrive")


@contextmanager
def judge(
    family: int, *params: RouterParams, senders: Sequence[Address] = (), floors: dict[int, int] | None = None
) -> Iterator[Judge]:
    """Give v0 its addresses and the filters for these routers, or for one of each sort."""
    # On one processor packets stay in order.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    give_ipv6()
    ip("address add 10.77.0.21/24 dev v0")
    for end in ("v0", "v1"):
        ip(f"link set {end} mtu 9000")
    made = programs(filters(params or routers(family).values(), family, senders, floors))
    index = socket.if_nametoindex("v0")
    with sender() as out, ExitStack() as stack:
        queues = {name: stack.enter_context(closing(VrrpSocket("v0", index, family))) for name in made}
        for name, queue in queues.items():
            queue.listen(made[name], multicast=True)
        yield Judge(out, family, queues)


def programs(made: Filters) -> dict[str, bytes]:
    """The programs by the names of their queues."""
    own = {f"sender {number}": program for number, program in enumerate(made.senders)}
    return {**own, "urgent": made.urgent, "lesser": made.lesser, "refused": made.refused}


def flipped(payload: bytes, bit: int) -> bytes:
    """The same with one bit changed."""
    at = bit // 8
    return payload[:at] + bytes([payload[at] ^ 1 << bit % 8]) + payload[at + 1 :]


@dataclass
class Forge:
    """Makes packets that are right, or wrong in a few ways at most."""

    rng: Random
    family: int

    def spoil(self, one_in: int = 12) -> bool:
        return self.rng.randrange(one_in) == 0

    def make(self) -> tuple[PacketReceived, bytes]:
        """Return a packet and the options of its IP header."""
        rng, family = self.rng, self.family
        params = rng.choice(list(routers(family).values()))
        source, destination, ttl = self.ends(params)
        count = rng.choice((0, 1, 1, 1, 2, 3, 8, 20, 29, 30, 31, 32, 33, 255))
        made = Advert(
            vrid=rng.randrange(256) if self.spoil() else params.vrid,
            priority=rng.randrange(256),
            interval_cs=rng.choice((100, 200, 4000)),
            addresses=tuple(VIPS[family].ip + rng.randrange(50) for _ in range(count)),
            version=rng.choice((V2, V3)) if self.spoil() and family == 4 else params.version,
            password=rng.choice((None, b"secret")),
            trailer=rng.randbytes(28) if self.spoil(4) else b"",
        )
        payload = encode(made, source, destination, pseudo_header=rng.random() < 0.6)
        options = rng.choice((b"\1" * 4, b"\1" * 40)) if family == 4 and self.spoil() else b""
        return PacketReceived("v0", source, destination, ttl, self.mutated(payload)), options

    def ends(self, params: RouterParams) -> tuple[Address, Address, int]:
        """Return source, destination and TTL."""
        rng, family, unicast = self.rng, self.family, params.unicast
        source, destination, ttl = PEERS[family], GROUPS[family], 255
        if unicast is not None:
            destination = unicast.source or OWN[family]
            source, ttl = rng.choice(unicast.peers), unicast.min_ttl
        if self.spoil():
            source = rng.choice((PEERS, UNKNOWN_SENDERS, FRIENDS))[family]
        if self.spoil():
            destination = rng.choice((OWN, SECOND, GROUPS, EVERYBODY))[family]
        if self.spoil(6):
            ttl = rng.choice((1, 64, ttl - 1, 255))
        return source, destination, ttl

    def mutated(self, payload: bytes) -> bytes:
        rng = self.rng
        if self.spoil(20):
            return rng.randbytes(rng.choice((0, 1, 4, 7, 8, 12, 20, 100)))
        if self.spoil():
            at = rng.randrange(rng.choice((1, 8, 40)))
            payload = flipped(payload, 8 * (at % len(payload)) + rng.randrange(8))
        if self.spoil(20):
            payload = payload[: rng.randrange(len(payload))]
        if self.spoil(20):
            payload += rng.randbytes(rng.choice((1, 4, 8, 28)))
        return payload
