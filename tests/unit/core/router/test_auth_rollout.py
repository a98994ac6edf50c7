"""Keys and modes that change on a running pair."""

from dataclasses import replace
from ipaddress import IPv4Interface
from itertools import permutations, product

import pytest

from sidecar.core.events import PacketReceived
from sidecar.core.params import AuthMode, HmacParams, RouterParams
from sidecar.core.router.admission import Admission
from sidecar.core.wire.advert import GROUP_V4, Advert, Drop, encode, message
from tests.unit.core.router.signers import KEY, NEW_KEY, VIP, Host, params


def drops(hosts: list[Host], at: float) -> set[Drop | None]:
    """Let every host hear every other one."""
    return {to.hear(by.say(at), at) for by, to in permutations(hosts, 2)}


def roll_out(stages: list[HmacParams], orders: tuple[list[int], ...]) -> set[Drop | None]:
    """Restart three hosts into each stage after the first, in the given orders, with a round after each."""
    hosts, at = [Host(number, params=stages[0]) for number in (1, 2, 3)], 0.0
    found = drops(hosts, at)
    for stage, order in zip(stages[1:], orders, strict=True):
        for number in order:
            hosts[number].restart(stage)
            at += 1.0
            found |= drops(hosts, at)
    return found


ORDERS = list(map(list, permutations(range(3))))

ROTATION = [params(KEY), params(KEY, NEW_KEY), params(NEW_KEY, KEY), params(NEW_KEY)]

MODES = [params(mode=mode) for mode in (AuthMode.RECEIVE_ONLY, AuthMode.PERMISSIVE, AuthMode.ENFORCE)]


def test_a_key_rotation_drops_nothing_in_any_order_of_restarts() -> None:
    assert {drop for orders in product(ORDERS, repeat=3) for drop in roll_out(ROTATION, orders)} == {None}


@pytest.mark.parametrize("stages", [MODES, MODES[::-1]], ids=["out", "back"])
def test_a_roll_out_drops_nothing_in_any_order_of_restarts(stages: list[HmacParams]) -> None:
    assert {drop for orders in product(ORDERS, repeat=2) for drop in roll_out(stages, orders)} == {None}


def test_a_rotation_in_one_step_does_drop() -> None:
    assert Drop.AUTH_KEY in roll_out([params(KEY), params(NEW_KEY)], (ORDERS[0],))


def test_a_roll_out_in_one_step_does_drop() -> None:
    assert Drop.AUTH_MISSING in roll_out([MODES[0], MODES[2]], (ORDERS[0],))


def test_receive_only_sends_no_trailer() -> None:
    assert Host(1, params=MODES[0]).say(0)[1] == b""


def test_a_router_without_keys_takes_the_advert_and_leaves_the_trailer() -> None:
    host = Host(1)
    advert = Advert(51, 200, 100, (VIP,))
    signed = replace(advert, trailer=host.auth.sign(message(advert), host.source, 0.0))
    payload = encode(signed, host.source, GROUP_V4, pseudo_header=True)
    router = RouterParams("web", "eth0", 51, 100, (IPv4Interface(VIP),))
    packet = PacketReceived("eth0", host.source, GROUP_V4, 255, payload)
    assert Admission(router, None).admit(packet, None, 0.0) == signed
