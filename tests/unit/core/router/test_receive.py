"""Reports of a router about packets that do not count.

Modules: core.router.differences, core.router.lookups.
"""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

import pytest

from sidecar.core.actions import Action, Identify, PacketDropped, Warned
from sidecar.core.address import Address
from sidecar.core.events import PacketReceived, SenderIdentified, VipsHeld
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams, Unicast
from sidecar.core.router.admission import Admission
from sidecar.core.router.auth import Authenticator
from sidecar.core.router.differences import claimed_bytes, claimed_interval, explain
from sidecar.core.router.receive import Receiver
from sidecar.core.router.router_state import RouterState
from sidecar.core.snapshot import PeerMismatch
from sidecar.core.state import State
from sidecar.core.wire.advert import AUTHENTICATION, GROUP_V4, TOLD, Advert, Drop, encode
from sidecar.core.wire.auth_trailer import sequence_at
from sidecar.core.wire.constants import GROUPS
from tests.unit.core.router.signers import EPOCH, VIP, params
from tests.unit.core.stage import DROPPED, LINK, PEER, US, backup, heard, master, moves, router, state
from tests.unit.core.stage import VIP as OUR_VIP

SOURCE = IPv4Address("198.51.100.9")
ROUTER = RouterParams("web", "eth0", 51, 100, (IPv4Interface(VIP),), hmac=params())
OTHER = IPv4Address("10.77.0.200")
FOREIGN = IPv4Address("10.77.0.21")


def hear(advert: Advert, ttl: int = 255) -> list[Action]:
    authenticator = Authenticator(params(), 51, 3)
    authenticator.set_clock(EPOCH)
    payload = encode(advert, SOURCE, GROUP_V4, pseudo_header=True)
    packet = PacketReceived("eth0", SOURCE, GROUP_V4, ttl, payload)
    said = list[Action]()
    assert (
        Receiver(ROUTER, RouterState.begin(ROUTER, 0.0), Admission(ROUTER, authenticator), said).hear(
            packet, None, 0.0
        )
        is None
    )
    return said


ADVERT = Advert(51, 250, 100, (VIP,))


@pytest.mark.parametrize(
    ("trailer", "drop", "look_at"),
    [
        (b"", Drop.AUTH_MISSING, "compare keys and mode of both hosts"),
        (bytes(28), Drop.AUTH_MALFORMED, "its trailer is of another kind"),
        (bytes((1, 1)) + bytes(26), Drop.AUTH_STALE, "compare the clocks of both hosts"),
        (
            bytes((1, 9, 0, 0)) + sequence_at(EPOCH).to_bytes(8, "big") + bytes(16),
            Drop.AUTH_KEY,
            "it signs with key 9, and ours are 1",
        ),
    ],
)
def test_who_is_refused_for_want_of_a_key_is_named_because_he_serves_beside_us(
    trailer: bytes, drop: Drop, look_at: str
) -> None:
    dropped, warned = hear(Advert(51, 250, 100, (VIP,), trailer=trailer))
    assert dropped == PacketDropped("web", "eth0", SOURCE, drop)
    assert isinstance(warned, Warned)
    assert (warned.router, warned.component, warned.reason) == ("web", "auth", drop)
    assert warned.detail.startswith(f"adverts of {SOURCE} are refused ({drop}): ")
    assert look_at in warned.detail


def test_every_refusal_of_a_sender_has_a_text_and_no_text_has_a_secret() -> None:
    secret = b"secret-7"
    signed = replace(ROUTER, hmac=params(), password=secret)
    payload = encode(Advert(51, 250, 100, (VIP,), trailer=bytes(28)), SOURCE, GROUP_V4, pseudo_header=True)
    packet = PacketReceived("eth0", SOURCE, GROUP_V4, 255, payload)
    for drop in TOLD:
        detail, remedy = explain(drop, packet, signed)
        assert detail
        assert remedy
        assert secret.decode() not in detail + remedy
    assert {drop for drop in Drop if drop.startswith("auth_")} == AUTHENTICATION


@pytest.mark.parametrize("payload", [b"", b"\x31", b"\x31\x33\xff\xff\0\x64\0\0", bytes(8) + b"\x0a"])
def test_what_is_cut_short_is_read_as_far_as_it_goes(payload: bytes) -> None:
    packet = PacketReceived("eth0", SOURCE, GROUP_V4, 255, payload)
    assert list(claimed_bytes(packet)) == []
    assert claimed_interval(packet) >= 0
    assert explain(Drop.LENGTH, packet, ROUTER).detail


def test_a_header_alone_is_compared_with_the_addresses_that_it_announces() -> None:
    packet = PacketReceived("eth0", SOURCE, GROUP_V4, 255, b"\x31\x33\x64\x01\0\x64\0\0")
    assert "have 8 bytes, and 1 addresses make 12 " in explain(Drop.LENGTH, packet, ROUTER).detail


def old(priority: int = 200, seconds: int = 1, source: Address = PEER, **more: object) -> PacketReceived:
    """An advert of version 2."""
    advert = Advert(51, priority, 100 * seconds, (OUR_VIP.ip,), version=2, **more)  # type: ignore[arg-type]
    return PacketReceived(
        "eth0", source, GROUP_V4, 255, encode(advert, source, GROUP_V4, pseudo_header=False)
    )


def foreign(priority: int = 254, source: Address = FOREIGN, *vips: Address, vrid: int = 51) -> PacketReceived:
    """An advert of another service with our VRID."""
    payload = encode(Advert(vrid, priority, 100, vips or (OTHER,)), source, GROUP_V4, pseudo_header=True)
    return PacketReceived("eth0", source, GROUP_V4, 255, payload)


def mismatches(of: Node, now: float) -> tuple[PeerMismatch, ...]:
    return of.snapshot(now).routers[0].mismatches


def texts(of: Node, now: float) -> str:
    return "\n".join(f"{each.reason}: {each.detail}; {each.remedy}" for each in mismatches(of, now))


UNICAST = Unicast(US, (PEER,))
TO_US = replace(heard(200), destination=US)
BY_UNICAST = replace(TO_US, payload=encode(Advert(51, 200, 100, (OUR_VIP.ip,)), PEER, US, pseudo_header=True))
NAMELESS = replace(heard(200), payload=encode(Advert(51, 200, 100, ()), PEER, GROUP_V4, pseudo_header=True))

REFUSED = [
    (router(), old(), "version", "version 2, we version 3; set `vrrp_version 3` in its keepalived.conf"),
    (router(version=2), heard(200), "version", "or `version: 3` here"),
    (router(version=2), old(seconds=3), "interval", "`advert_int 1` in its keepalived.conf, or"),
    (router(version=2), old(seconds=3), "interval", "every 3 s, we every 1 s"),
    (router(), replace(heard(200), ttl=64), "ttl", "TTL 64, not 255"),
    (router(unicast=UNICAST), replace(BY_UNICAST, ttl=64), "ttl", "or `min_ttl: 64` under `unicast:` here"),
    (router(), replace(heard(200), source=SOURCE), "checksum", "what changes packets on the way"),
    (router(), replace(heard(200), payload=heard(200).payload[:-1]), "length", "have 11 bytes"),
    (router(), heard(200, US), "own", "our own address 10.77.0.11"),
    (router(), BY_UNICAST, "destination", "`unicast: {source: 10.77.0.11, peers: [10.77.0.12]}` here"),
    (router(unicast=UNICAST), heard(200), "destination", "`unicast_peer { 10.77.0.11 }`"),
    (
        router(unicast=Unicast(None, (PEER, US))),
        heard(200),
        "destination",
        "we listen to unicast at the first address of eth0",
    ),
    (
        router(unicast=Unicast(US, (SOURCE,))),
        BY_UNICAST,
        "source",
        "add 10.77.0.12 to `unicast.peers` here",
    ),
    (router(version=2, password=b"x"), old(), "auth_type", "it sends no password, we have one"),
    (router(version=2), old(password=b"x"), "auth_type", "it sends a password, we have none"),
    (router(version=2, password=b"x"), old(password=b"y"), "auth_password", "compare the passwords"),
    (router(), foreign(), "addresses", "10.77.0.200, we 10.77.0.100"),
    (router(), NAMELESS, "addresses", "no address, we 10.77.0.100"),
    (router(), foreign(254, FOREIGN, OUR_VIP.ip, vrid=52), "vrid", "set `virtual_router_id 51` in its"),
    (router(), foreign(254, FOREIGN, OUR_VIP.ip, vrid=52), "vrid", "claims 10.77.0.100 with VRID 52"),
]


@pytest.mark.parametrize(("ours", "packet", "reason", "said"), REFUSED)
def test_whatever_is_refused_is_told_with_what_differs_and_moves_nothing(
    ours: RouterParams, packet: PacketReceived, reason: str, said: str
) -> None:
    node = Node(NodeParams("a", (ours,)), 0.0)
    node.step([LINK], 0.0)
    node.step([DROPPED], 0.0)
    before = node.deadline
    actions = node.step([packet], 1.0)
    assert node.deadline == before
    (drop,) = [action for action in actions if isinstance(action, PacketDropped)]
    assert (drop.router, drop.reason) == ("web", reason)
    (warned,) = [action for action in actions if isinstance(action, Warned)]
    assert (warned.reason, warned.source) == (reason, packet.source)
    assert said in warned.detail
    assert said in texts(node, 1.0)
    (shown,) = mismatches(node, 1.0)
    assert (shown.source, shown.reason, shown.refused, shown.adverts) == (packet.source, reason, True, 1)


def test_ipv6_has_no_version_2_to_set_here() -> None:
    source, vip = IPv6Address("fe80::12"), IPv6Interface("fd77::100")
    ours = RouterParams("web", "eth0", 51, 100, (vip,))
    payload = bytes((0x21, 51, 100, 1, 0, 1, 0, 0)) + vip.ip.packed + bytes(8)
    packet = PacketReceived("eth0", source, GROUPS[6], 255, payload)
    assert explain(Drop.VERSION, packet, ours).remedy == "set `vrrp_version 3` in its keepalived.conf"


def test_a_foreign_pair_is_no_master_whatever_it_says_and_a_backup_takes_over() -> None:
    node = backup(100)
    for second in range(1, 4):
        node.step([foreign(254), foreign(255, OTHER), foreign(0)], float(second))
    actions = node.step([], 3.7)
    assert [type(action).__name__ for action in actions if type(action).__name__ == "HoldVips"]
    assert state(master(100)) is State.MASTER


@pytest.mark.parametrize("priority", [0, 1, 100, 254, 255])
def test_a_foreign_pair_moves_no_master_and_gets_no_answer(priority: int) -> None:
    node = master(100)
    actions = node.step([foreign(priority)], 10.5)
    assert {type(action) for action in actions} == {PacketDropped, Warned}
    assert state(node) is State.MASTER


def test_a_list_that_overlaps_is_followed_and_told_until_it_is_the_same() -> None:
    node = backup(100)
    node.step([foreign(200, PEER, OUR_VIP.ip, OTHER)], 1.0)
    assert node.deadline == 1.0 + 3.609375
    (shown,) = mismatches(node, 1.0)
    assert (shown.refused, shown.reason) == (False, "addresses")
    assert "10.77.0.100, 10.77.0.200, we 10.77.0.100" in shown.detail
    node.step([heard(200)], 4.0)
    assert mismatches(node, 10.99)
    assert not mismatches(node, 11.01)


def test_a_list_that_overlaps_finds_a_place_among_invented_senders_of_other_addresses() -> None:
    node = backup(100)
    node.step([foreign(254, FOREIGN + n) for n in range(100)], 1.0)
    node.step([foreign(200, PEER, OUR_VIP.ip, OTHER)], 1.0)
    assert PEER in {each.source for each in mismatches(node, 1.0)}


def test_the_reason_of_a_takeover_says_what_was_heard_and_refused() -> None:
    node = backup(100)
    for second in range(1, 4):
        node.step([old()], float(second))
    node.step([], 3.61)
    actions = node.step([VipsHeld("web", asked_at=3.61)], 3.62)
    assert moves(actions) == [("BACKUP", "MASTER", "master_down_timer")]
    assert node.snapshot(3.62).routers[0].reason == (
        "no advertisement of any master for 3.61 s; heard and refused: "
        "3 adverts of 10.77.0.12 (it speaks VRRP version 2, we version 3)"
    )


def test_what_was_refused_before_the_silence_is_no_part_of_it() -> None:
    node = backup(100)
    node.step([old()], 0.5)
    node.step([heard(200)], 1.0)
    node.step([], 4.7)
    node.step([VipsHeld("web", asked_at=4.7)], 4.71)
    assert "refused" not in node.snapshot(4.71).routers[0].reason


def test_other_routers_of_the_lan_are_nothing_to_us() -> None:
    node = backup(100)
    for second in range(1, 3):
        actions = node.step([foreign(254, FOREIGN, OTHER, vrid=52)], float(second))
        assert actions == [PacketDropped(None, "eth0", FOREIGN, Drop.VRID)]
    spoilt = foreign(254, FOREIGN, OUR_VIP.ip, vrid=52)
    wrong = replace(spoilt, payload=spoilt.payload[:-1] + b"\x00")
    assert node.step([wrong], 3.0) == [PacketDropped(None, "eth0", FOREIGN, Drop.VRID)]
    assert mismatches(node, 3.0) == ()


def test_what_is_no_advert_names_no_vip_of_ours() -> None:
    node = backup(100)
    routed = replace(foreign(254, FOREIGN, OUR_VIP.ip, vrid=52), ttl=64)
    assert node.step([routed], 1.0) == [PacketDropped(None, "eth0", FOREIGN, Drop.VRID)]
    assert not mismatches(node, 1.0)


def test_multicast_of_another_service_is_nothing_to_a_router_of_unicast() -> None:
    node = backup(100, unicast=UNICAST)
    assert node.step([foreign()], 1.0) == [PacketDropped("web", "eth0", FOREIGN, Drop.DESTINATION)]
    assert mismatches(node, 1.0) == ()


def test_the_machine_of_who_is_refused_again_is_searched_for_and_shown() -> None:
    node = backup(100)
    assert not any(isinstance(action, Identify) for action in node.step([old()], 1.0))
    (search,) = [action for action in node.step([old()], 2.0) if isinstance(action, Identify)]
    assert search == Identify("web", "eth0", PEER, 10.0)
    assert not any(isinstance(action, Identify) for action in node.step([old()], 3.0))
    node.step([SenderIdentified("web", PEER, b"\2\0\0\0\0\x12")], 3.0)
    (shown,) = mismatches(node, 3.0)
    assert (shown.mac, shown.adverts) == (b"\2\0\0\0\0\x12", 3)


def test_one_line_a_second_is_enough_for_one_sender() -> None:
    node, told = backup(100), 0
    for n in range(300):
        told += sum(isinstance(action, Warned) for action in node.step([foreign()], 1.0 + n / 100))
    assert told == 3
    assert mismatches(node, 4.0)[0].adverts == 300
