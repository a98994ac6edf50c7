"""Signed adverts of routers that begin with a reload, or get keys by one."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Interface

import pytest

from sidecar.core.actions import Action, AdvertAccepted, PacketDropped, SendAdvert
from sidecar.core.events import ClockSet, PacketReceived, Started, VipsDropped, VipsHeld
from sidecar.core.node import Node
from sidecar.core.params import AuthMode, HmacParams, NodeParams, RouterParams
from sidecar.core.router.auth import Authenticator
from sidecar.core.wire.advert import GROUP_V4, TRAILER_SIZE, Advert, encode, message
from sidecar.core.wire.auth_trailer import read
from sidecar.core.wire.hmac_key import HmacKey
from tests.unit.core.stage import DROPPED, LINK, PEER, VIP, backup, master, router

OFFSET = 1.7e9
"""Seconds of the wall clock at 0 s of the core's clock."""
KEYS = HmacParams((HmacKey(1, bytes(32)),))
SIGNED = RouterParams("signed", "eth0", 52, 100, (IPv4Interface("10.77.0.200/32"),), hmac=KEYS)


def signed_at(actions: Iterable[Action], name: str = "web") -> float:
    """The wall clock in the signature of the one advert of a router."""
    (advert,) = (each for each in actions if isinstance(each, SendAdvert) and each.router == name)
    trailer = read(advert.packets[0][1][-TRAILER_SIZE:])
    assert trailer is not None
    return trailer[1] / 2**32


def of_peer(at: float, offset: float = OFFSET) -> PacketReceived:
    """A signed advert of a peer whose wall clock is ahead of the core's by so many seconds."""
    peer = Authenticator(KEYS, 51, 3)
    peer.set_clock(offset)
    advert = Advert(51, 200, 100, (VIP.ip,))
    advert = replace(advert, trailer=peer.sign(message(advert), PEER, at))
    return PacketReceived("eth0", PEER, GROUP_V4, 255, encode(advert, PEER, GROUP_V4, pseudo_header=True))


def test_a_router_that_begins_with_a_reload_signs_by_the_wall_clock() -> None:
    node = Node(NodeParams("a", (router(),)), 0.0)
    node.step([ClockSet(OFFSET), LINK, Started()], 0.0)
    node.step([DROPPED], 0.0)
    node.exchange(NodeParams("a", (router(), SIGNED)), 1.0)
    node.step([LINK, VipsDropped("signed")], 1.0)
    node.step([], 11.0)
    actions = node.step([VipsHeld("signed", asked_at=11.0)], 11.0)
    assert signed_at(actions, "signed") == pytest.approx(OFFSET + 11.0, abs=0.1)


@pytest.mark.parametrize("mode", [AuthMode.PERMISSIVE, AuthMode.ENFORCE])
def test_a_master_that_gets_keys_by_a_reload_signs_by_the_wall_clock(mode: AuthMode) -> None:
    node = master()
    node.step([ClockSet(OFFSET)], 10.1)
    actions = node.exchange(NodeParams("a", (router(hmac=replace(KEYS, mode=mode)),)), 10.5)
    assert signed_at(actions) == pytest.approx(OFFSET + 10.5, abs=0.1)


@pytest.mark.parametrize("mode", AuthMode)
def test_a_backup_that_gets_keys_by_a_reload_believes_those_who_sign(mode: AuthMode) -> None:
    """Refused as stale, the master would be a second one."""
    node = backup()
    node.step([ClockSet(OFFSET)], 0.1)
    node.exchange(NodeParams("a", (router(hmac=replace(KEYS, mode=mode)),)), 1.0)
    actions = node.step([of_peer(1.5)], 1.5)
    assert [each.source for each in actions if isinstance(each, AdvertAccepted)] == [PEER]
    assert not [each for each in actions if isinstance(each, PacketDropped)]


def test_keys_that_were_away_while_the_clock_was_set_are_used_by_the_present_clock() -> None:
    node = master(hmac=KEYS)
    node.step([ClockSet(0.0)], 10.1)
    node.exchange(NodeParams("a", (router(),)), 10.2)
    node.step([ClockSet(OFFSET)], 10.3)
    actions = node.exchange(NodeParams("a", (router(hmac=KEYS),)), 10.5)
    assert signed_at(actions) == pytest.approx(OFFSET + 10.5, abs=0.1)


def test_keys_that_stay_go_on_with_the_clock_that_the_signers_live_by() -> None:
    """A reload is no news of the wall clock: a large step is still followed only with the others."""
    node = master(hmac=KEYS)
    node.step([ClockSet(OFFSET)], 10.1)
    node.step([ClockSet(OFFSET + 3600)], 10.2)
    actions = node.exchange(NodeParams("a", (router(120, hmac=KEYS),)), 10.5)
    assert signed_at(actions) == pytest.approx(OFFSET + 10.5, abs=0.1)
