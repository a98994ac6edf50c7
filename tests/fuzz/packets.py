"""From bytes of a fuzzer to packets on the way that they take, and what must hold whatever they are.

An input is one byte of circumstances, which router and whether it serves, and then records: five bytes
about the packet, then its payload. A record can ask for a right checksum and a right signature, because
no fuzzer guesses these; what is behind them would never be tried.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_interface
from math import isnan
from typing import Final

from sidecar.core.actions import Action, DropVips, HoldVips, Identify, PacketDropped, Warned
from sidecar.core.address import Address
from sidecar.core.events import (
    ClockSet,
    Event,
    InterfaceChanged,
    InterfaceState,
    PacketReceived,
    Started,
    VipsDropped,
    VipsHeld,
)
from sidecar.core.node import Node
from sidecar.core.params import AuthMode, HmacParams, NodeParams, RouterParams, Unicast
from sidecar.core.router.admission import Admission
from sidecar.core.router.auth import Authenticator
from sidecar.core.snapshot import Snapshot
from sidecar.core.wire.advert import HEADER, PASSWORD_SIZE, PROTOCOL, Advert, Drop, decode, encode, message
from sidecar.core.wire.auth_trailer import build, pseudo_header, sequence_at
from sidecar.core.wire.checksum import internet_checksum
from sidecar.core.wire.constants import GROUPS, V2, V3
from sidecar.core.wire.hmac_key import HmacKey

KEY: Final = HmacKey(1, bytes(range(32)))
EPOCH: Final = 1_790_000_000.0
"""The wall clock at 0 s of the core's."""
OWN: Final[dict[int, Address]] = {4: ip_address("10.77.0.11"), 6: ip_address("fe80::11")}
SOURCES: Final[dict[int, tuple[Address, ...]]] = {
    family: (own + 1, own - 1, own, own + 2, own + 9) for family, own in OWN.items()
}
"""A peer, a lower one, ourselves, another peer, an unknown sender."""
MOST: Final = 12
"""Records of an input that are looked at."""
_HEAD: Final = 5
_HALF: Final = AuthMode.PERMISSIVE
_SEAL, _SEAL_BARE, _SIGN, _IPV6, _UNICAST = 1, 2, 4, 8, 16


def _routers() -> tuple[RouterParams, ...]:
    """One of each sort. Names end with the family."""
    made = []
    for family, own in OWN.items():
        vip = (ip_interface(str(own + 89)),)
        peers = Unicast(own, SOURCES[family][:2])
        made += [
            RouterParams(f"plain {family}", "eth0", 51, 100, vip),
            RouterParams(f"unicast {family}", "eth0", 52, 100, vip, unicast=replace(peers, min_ttl=64)),
            RouterParams(f"signed {family}", "eth0", 53, 100, vip, hmac=HmacParams((KEY,))),
            RouterParams(f"half signed {family}", "eth0", 54, 100, vip, hmac=HmacParams((KEY,), _HALF)),
            RouterParams(f"owner {family}", "eth0", 55, 255, vip, interval_cs=1),
        ]
    vip = (ip_interface("10.77.0.100/32"),)
    made.append(RouterParams("old", "eth0", 56, 100, vip, version=V2, password=b"secret"))
    made.append(RouterParams("old without password", "eth0", 57, 100, vip, version=V2, preempt=False))
    return tuple(made)


ROUTERS: Final = _routers()
_LINK: Final = InterfaceChanged(
    "eth0", InterfaceState(2, up=True, mac=bytes((2, 0, 0, 0, 0, 1)), addresses=tuple(OWN.values()))
)


@dataclass(frozen=True, slots=True)
class Record:
    """One packet as the fuzzer sees it. `later`: hundredths of a second since the one before."""

    payload: bytes
    flags: int = 0
    ttl: int = 255
    source: int = 0
    later: int = 0

    def pack(self) -> bytes:
        """The bytes that `records` reads."""
        return bytes((self.flags, self.ttl, self.source, self.later, len(self.payload))) + self.payload

    def packet(self, now: float) -> PacketReceived:
        """The packet, with checksum and signature as they were asked for."""
        family = 6 if self.flags & _IPV6 else 4
        source = SOURCES[family][self.source % len(SOURCES[family])]
        destination = OWN[family] if self.flags & _UNICAST else GROUPS[family]
        payload = self.payload
        if self.flags & (_SEAL | _SEAL_BARE) and len(payload) >= HEADER:
            payload = _signed(payload, source, now) if self.flags & _SIGN else payload
            payload = _sealed(payload, source, destination, bare=bool(self.flags & _SEAL_BARE))
        return PacketReceived("eth0", source, destination, self.ttl, payload)


def records(data: bytes) -> Iterator[Record]:
    """Read what `Record.pack` wrote, and anything else as far as it goes."""
    for _ in range(MOST):
        if len(data) < _HEAD:
            return
        flags, ttl, source, later, size = data[:_HEAD]
        yield Record(data[_HEAD : _HEAD + size], flags, ttl, source, later)
        data = data[_HEAD + size :]


def _end(payload: bytes, family: int) -> int:
    """Where a message ends by its own count."""
    return HEADER + payload[3] * {4: 4, 6: 16}[family] + PASSWORD_SIZE * (payload[0] >> 4 == V2)


def _signed(payload: bytes, source: Address, now: float) -> bytes:
    end = _end(payload, source.version)
    body = payload[:end]
    covered = pseudo_header(source, V3, payload[1])
    return body + build(KEY, covered, body[:6] + b"\0\0" + body[8:], sequence_at(EPOCH + now))


def _sealed(payload: bytes, source: Address, destination: Address, *, bare: bool) -> bytes:
    zero = payload[:6] + b"\0\0" + payload[8:]
    body = zero[: _end(payload, 4)] if source.version == 4 else zero
    pseudo = source.packed + destination.packed + len(body).to_bytes(4, "big") + PROTOCOL.to_bytes(4, "big")
    if source.version == 4:
        pseudo = source.packed + destination.packed + bytes((0, PROTOCOL)) + len(body).to_bytes(2, "big")
    covered = body if bare or payload[0] >> 4 == V2 else pseudo + body
    return zero[:6] + internet_checksum(covered).to_bytes(2, "big") + zero[8:]


def opening(router: RouterParams, *, serving: bool) -> bytes:
    """The first byte of an input."""
    return bytes((ROUTERS.index(router) << 1 | serving,))


def check(data: bytes) -> None:
    """Take an input. Raises AssertionError, or what the code under test should not have raised."""
    if not data:
        return
    router, now = ROUTERS[(data[0] >> 1) % len(ROUTERS)], 0.0
    auth = None if router.hmac is None else Authenticator(router.hmac, router.vrid, router.version)
    if auth is not None:
        auth.set_clock(EPOCH)
    admission, node = Admission(router, auth), Node(NodeParams("a", (router,)), now)
    _obey(node, node.step([ClockSet(EPOCH), _LINK, Started()], now), now)
    if data[0] & 1:
        now = 4.0
        _obey(node, node.step([], now), now)
    for record in records(data[1:]):
        now += record.later / 100
        packet = record.packet(now)
        _check_codec(packet)
        _check_admission(admission, packet, now)
        _check_node(node, packet, now)


def _check_codec(packet: PacketReceived) -> None:
    payload, family = packet.payload, packet.source.version
    advert = decode(payload, packet.source, packet.destination, packet.ttl, 1)
    assert isinstance(advert, Advert | Drop), advert
    if isinstance(advert, Drop):
        return
    assert message(advert) == _canonical(payload[: _end(payload, family)], advert)
    assert advert.trailer == payload[_end(payload, family) :]
    for pseudo in (True, False):
        again = encode(advert, packet.source, packet.destination, pseudo_header=pseudo)
        assert decode(again, packet.source, packet.destination, packet.ttl, 1) == advert


def _canonical(body: bytes, advert: Advert) -> bytes:
    """A received packet, as a sender should have written it: no checksum, nothing in what must be ignored."""
    body = body[:6] + b"\0\0" + body[8:]
    if advert.version == V3:
        return body[:4] + bytes((body[4] & 0x0F,)) + body[5:]
    return body if advert.password is not None else body[:-PASSWORD_SIZE] + bytes(PASSWORD_SIZE)


def _check_admission(admission: Admission, packet: PacketReceived, now: float) -> None:
    router = admission.params
    said = admission.admit(packet, OWN[router.family], now)
    assert isinstance(said, Advert | Drop), said
    if isinstance(said, Advert):
        assert said == decode(packet.payload, packet.source, packet.destination, packet.ttl, 1)
        assert packet.source != OWN[router.family]
        assert (said.vrid, said.version) == (router.vrid, router.version)
        assert said.trailer or router.hmac is None or router.hmac.mode is AuthMode.PERMISSIVE


def _check_node(node: Node, packet: PacketReceived, now: float) -> None:
    before, waiting = node.snapshot(now), now < node.deadline
    actions = node.step([packet], now)
    if waiting and any(isinstance(action, PacketDropped) for action in actions):
        assert all(isinstance(action, PacketDropped | Warned | Identify) for action in actions), actions
        assert _without_mismatches(node.snapshot(now)) == _without_mismatches(before), "it moved something"
    _obey(node, actions, now)
    assert not isnan(node.deadline)
    for seen in node.snapshot(now).routers:
        assert seen.masters_observed <= 17
        assert len(seen.mismatches) <= 16


def _without_mismatches(snapshot: Snapshot) -> Snapshot:
    """All but who was refused: that alone may change with a refused packet."""
    return replace(snapshot, routers=tuple(replace(each, mismatches=()) for each in snapshot.routers))


def _obey(node: Node, actions: list[Action], now: float) -> None:
    """The kernel does at once what it is told."""
    for _ in range(20):
        answers: list[Event] = []
        for action in actions:
            if isinstance(action, HoldVips):
                answers.append(VipsHeld(action.router, now))
            elif isinstance(action, DropVips):
                answers.append(VipsDropped(action.router))
        if not answers:
            return
        actions = node.step(answers, now)
    raise AssertionError(f"no end of commands: {actions}")
