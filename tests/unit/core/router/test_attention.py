"""Senders whose adverts a router asks for, however many others arrive."""

from dataclasses import replace
from ipaddress import IPv4Address
from math import inf

import pytest

from sidecar.core.actions import Action, PrioritizeSenders
from sidecar.core.address import Address
from sidecar.core.events import ClockSet, PacketReceived, SendFailed, Started, VipsHeld
from sidecar.core.params import AuthMode, HmacParams, Unicast, master_down_interval
from sidecar.core.router.auth import SENDERS, Authenticator
from sidecar.core.wire.advert import GROUP_V4, Advert, encode, message
from sidecar.core.wire.hmac_key import HmacKey
from tests.unit.core.stage import (
    DROPPED,
    LINK,
    LOW_PEER,
    PEER,
    US,
    VIP,
    backup,
    feed,
    heard,
    master,
    moves,
    node,
)

WAIT = master_down_interval(100, 1.0)
HMAC = HmacParams((HmacKey(1, bytes(32)),))
OTHERS = [IPv4Address("10.77.0.30"), IPv4Address("10.77.0.31")]


def asked(actions: list[Action]) -> list[PrioritizeSenders]:
    return [action for action in actions if isinstance(action, PrioritizeSenders)]


def senders(actions: list[Action]) -> list[tuple[Address, ...]]:
    return [each.senders for each in asked(actions)]


def signed(
    priority: int, source: IPv4Address, at: float, signer: HmacParams = HMAC, vip: IPv4Address = VIP.ip
) -> PacketReceived:
    """A genuine advert of a host whose clock is ours."""
    other = Authenticator(signer, 51, 3)
    other.set_clock(0.0)
    said = Advert(51, priority, 100, (vip,))
    trailer = other.sign(message(said), source, at)
    payload = encode(replace(said, trailer=trailer), source, GROUP_V4, pseudo_header=True)
    return PacketReceived("eth0", source, GROUP_V4, 255, payload)


def test_a_backup_hears_everything_until_it_follows_somebody_or_its_time_is_over() -> None:
    starting = node()
    actions = feed(starting, (0.0, [LINK, Started()]), (0.0, [DROPPED]))
    assert asked(actions) == [PrioritizeSenders("web", (), 100, WAIT)]
    assert asked(starting.step([heard(200)], 1.0)) == [PrioritizeSenders("web", (PEER,), 100, -inf)]


def test_what_stays_as_it_is_is_said_once() -> None:
    waiting = backup()
    assert len(asked(waiting.step([heard(200)], 1.0))) == 1
    assert asked(feed(waiting, (2.0, [heard(200)]), (2.5, []), (3.0, [heard(200)]))) == []


def test_a_lower_master_that_is_outwaited_is_not_depended_on() -> None:
    waiting = backup()
    waiting.step([heard(200)], 1.0)
    assert asked(waiting.step([heard(99, LOW_PEER)], 1.5)) == []


def test_a_mute_master_yields_to_anybody_and_so_must_hear_everybody() -> None:
    serving = master(at=10.0)
    actions = feed(serving, (10.5, [SendFailed("web", "EPERM")]), (11.5, [SendFailed("web", "EPERM")]))
    assert [each.floor for each in asked(actions)] == [1]
    # It depends on the lower master that it has yielded to.
    yielding = serving.step([heard(50)], 11.7)
    assert moves(yielding) == [("MASTER", "BACKUP", "send")]
    assert senders(yielding) == [(PEER,)]


def test_without_preemption_the_lower_master_is_the_one_that_is_followed() -> None:
    waiting = backup(preempt=False)
    assert senders(waiting.step([heard(50)], 1.0)) == [(PEER,)]


def test_a_better_one_is_followed_and_one_between_does_not_take_its_place() -> None:
    waiting = backup()
    waiting.step([heard(200)], 1.0)
    assert asked(waiting.step([heard(150, LOW_PEER)], 1.5)) == []
    assert senders(waiting.step([heard(201, LOW_PEER)], 1.6)) == [(LOW_PEER,)]


def test_a_master_that_yields_depends_on_the_winner() -> None:
    serving = master()
    assert asked(serving.step([heard(200)], 10.5))[-1] == PrioritizeSenders("web", (PEER,), 100, -inf)


def test_a_takeover_keeps_the_last_master_in_mind() -> None:
    waiting = backup()
    waiting.step([heard(200)], 1.0)
    actions = feed(waiting, (1.0 + WAIT, []), (1.0 + WAIT, [VipsHeld("web", 1.0 + WAIT)]))
    assert asked(actions) == []


def test_unicast_depends_on_its_peers_from_the_start() -> None:
    unicast = Unicast(US, (PEER, LOW_PEER))
    starting = node(unicast=unicast)
    actions = feed(starting, (0.0, [LINK, Started()]), (0.0, [DROPPED]))
    assert senders(actions) == [(PEER, LOW_PEER)]


def test_who_has_signed_stays_known_and_who_only_seems_to_have_is_never() -> None:
    waiting = node(hmac=HMAC)
    feed(waiting, (0.0, [LINK, Started(), ClockSet(0.0)]), (0.0, [DROPPED]))
    assert senders(waiting.step([signed(200, PEER, 1.0)], 1.0)) == [(PEER,)]
    # A lower one that is genuine is known, though nobody follows it.
    assert senders(waiting.step([signed(90, LOW_PEER, 1.2)], 1.2)) == [(PEER, LOW_PEER)]
    forged = [signed(255, other, 1.3, HmacParams((HmacKey(1, b"x" * 32),))) for other in OTHERS]
    assert asked(waiting.step([*forged, *map(unsigned, OTHERS)], 1.3)) == []
    # Followed first: if there is room for a few only, it is among them.
    assert senders(waiting.step([signed(201, LOW_PEER, 1.4)], 1.4)) == [(LOW_PEER, PEER)]


def test_another_service_that_has_our_key_takes_no_place_of_ours() -> None:
    waiting = node(hmac=HMAC)
    feed(waiting, (0.0, [LINK, Started(), ClockSet(0.0)]), (0.0, [DROPPED]))
    waiting.step([signed(90, LOW_PEER, 1.0), signed(200, PEER, 1.0)], 1.0)
    others = [IPv4Address(f"10.77.0.{30 + n}") for n in range(SENDERS)]
    unknown_senders = [signed(250, other, 1.5, vip=IPv4Address("10.77.0.200")) for other in others]
    assert asked(waiting.step(unknown_senders, 1.5)) == []
    assert senders(waiting.step([signed(201, LOW_PEER, 1.6)], 1.6)) == [(LOW_PEER, PEER)]


def unsigned(source: IPv4Address) -> PacketReceived:
    return heard(255, source)


def test_our_own_adverts_make_us_no_sender_to_depend_on() -> None:
    serving = node(hmac=HMAC)
    feed(serving, (0.0, [LINK, Started(), ClockSet(0.0)]), (0.0, [DROPPED]))
    actions = feed(serving, (WAIT, []), (WAIT, [VipsHeld("web", WAIT)]), (WAIT + 1, []), (WAIT + 2, []))
    assert all(US not in each for each in senders(actions))


@pytest.mark.parametrize("mode", [AuthMode.PERMISSIVE, AuthMode.RECEIVE_ONLY])
def test_where_unsigned_adverts_count_a_signature_makes_nobody_known(mode: AuthMode) -> None:
    waiting = node(hmac=HmacParams(HMAC.keys, mode))
    feed(waiting, (0.0, [LINK, Started(), ClockSet(0.0)]), (0.0, [DROPPED]))
    actions = waiting.step([signed(200, PEER, 1.0), signed(90, LOW_PEER, 1.0)], 1.0)
    assert senders(actions)[-1] == (PEER,)


def test_whom_the_kernel_has_refused_still_depends_on_the_master_that_it_follows() -> None:
    """Such a router asks again when it would serve, so it must hear who serves in a crowd, too."""
    refused = backup()
    actions = feed(refused, (10.0, []), (10.0, [VipsHeld("web", 10.0, "EPERM")]), (10.0, [DROPPED]))
    assert moves(actions) == [("BACKUP", "FAULT", "vip")]
    assert asked(actions)[-1].all_until == 10.0 + WAIT
    assert asked(refused.step([heard(200)], 10.5)) == [PrioritizeSenders("web", (PEER,), 100, -inf)]
