"""Authenticated adverts: the bytes, each refusal, keys and modes. Clocks: test_auth_clock.py.

No daemon that speaks this format was at hand. The two golden packets are the vectors published with
the draft; they are all that ties us to other implementations.
"""

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, ip_address
from itertools import pairwise, permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.params import AuthMode, HmacParams, RouterParams
from sidecar.core.router.admission import Admission
from sidecar.core.router.auth import SENDERS, Authenticator
from sidecar.core.wire.advert import GROUP_V4, TRAILER_SIZE, Advert, Drop, decode, encode, message
from sidecar.core.wire.auth_trailer import is_later, read, seconds_ahead, sequence_at, successor
from sidecar.core.wire.hmac_key import HmacKey
from tests.unit.core.router.signers import EPOCH, KEY, NEW_KEY, VIP, WINDOW, Host, body, params, spoilt, talk

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "hmac.json").read_text())
SOURCE = IPv4Address("198.51.100.1")
SOURCE6 = IPv6Address("fe80::1")


def described(golden: dict[str, Any]) -> Advert:
    addresses = tuple(map(ip_address, golden["addresses"]))
    return Advert(golden["vrid"], golden["priority"], golden["interval_cs"], addresses)


def holder(golden: dict[str, Any], mode: AuthMode = AuthMode.ENFORCE) -> Authenticator:
    """An authenticator whose clock says what the golden packet says, at 0 s of the core."""
    key = HmacKey(golden["key_id"], bytes.fromhex(golden["key"]))
    made = Authenticator(HmacParams((key,), mode), golden["vrid"], 3)
    made.set_clock(int(golden["sequence"], 16) / 2**32)
    return made


# ---- the bytes


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
def test_signing_makes_the_published_vectors_bit_for_bit(golden: dict[str, Any]) -> None:
    advert, source = described(golden), ip_address(golden["source"])
    signed = replace(advert, trailer=holder(golden).sign(message(advert), source, 0.0))
    made = encode(signed, source, ip_address(golden["destination"]), pseudo_header=False)
    assert made.hex() == golden["hex"]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
def test_the_published_vectors_are_accepted(golden: dict[str, Any]) -> None:
    source, packet = ip_address(golden["source"]), bytes.fromhex(golden["hex"])
    advert = decode(packet, source, ip_address(golden["destination"]), 255)
    assert advert == replace(described(golden), trailer=packet[-TRAILER_SIZE:])
    assert holder(golden).verify(packet[:-TRAILER_SIZE], packet[-TRAILER_SIZE:], source, 0.0) is None


def test_seconds_fraction_and_counter_are_where_the_draft_has_them() -> None:
    host = Host(1)
    first, second = (host.say(1 / 3)[1] for _ in range(2))
    assert first[:4].hex() == "01010000"
    assert int.from_bytes(first[4:8], "big") == EPOCH
    assert first[8:12].hex() == "55550000"
    assert second[4:12].hex() == first[4:10].hex() + "0001"


def test_a_full_counter_carries_into_the_fraction() -> None:
    assert successor(0x68000000_8000_FFFF) == 0x68000000_8001_0000
    assert successor(0xFFFFFFFF_FFFF_FFFF) == 0


@pytest.mark.parametrize("wrong_checksum", [b"\0\0", b"\xff\xff"])
def test_the_checksum_is_not_signed(wrong_checksum: bytes) -> None:
    message_, trailer, source = Host(1).say(0)
    assert Host(2).hear((message_[:6] + wrong_checksum + message_[8:], trailer, source), 0) is None


# ---- refusals


def forged(at: int, value: int) -> tuple[bytes, bytes, Address]:
    message_, trailer, source = Host(1).say(0)
    return message_, trailer[:at] + bytes((value,)) + trailer[at + 1 :], source


@pytest.mark.parametrize(
    ("said", "drop"),
    [
        ((body(), b"", SOURCE), Drop.AUTH_MISSING),
        (forged(0, 0), Drop.AUTH_MALFORMED),
        (forged(0, 2), Drop.AUTH_MALFORMED),
        (forged(2, 1), Drop.AUTH_MALFORMED),
        (forged(3, 1), Drop.AUTH_MALFORMED),
        (forged(4, 0), Drop.AUTH_STALE),
        (forged(1, 2), Drop.AUTH_KEY),
        ((body(), spoilt(Host(1).say(0)[1]), SOURCE), Drop.AUTH_HMAC),
        (Host(1, params=params(HmacKey(1, b"x" * 32))).say(0), Drop.AUTH_HMAC),
        (Host(1).say(WINDOW + 1), Drop.AUTH_STALE),
        (Host(1).say(-WINDOW - 1), Drop.AUTH_STALE),
    ],
)
def test_each_refusal_has_its_name(said: tuple[bytes, bytes, Address], drop: Drop) -> None:
    assert Host(2).hear(said, 0) is drop


def test_what_is_wrong_first_is_what_is_reported() -> None:
    message_, trailer, source = Host(1).say(0)
    heads = (b"\2\2\0\1" + bytes(4), b"\1\2\0\0" + bytes(4), b"\1\2\0\0" + trailer[4:8], trailer[:8])
    bad = [(message_, head + spoilt(trailer)[8:], source) for head in heads]
    assert [Host(2).hear(said, 0) for said in bad] == [
        Drop.AUTH_MALFORMED,
        Drop.AUTH_STALE,
        Drop.AUTH_KEY,
        Drop.AUTH_HMAC,
    ]


@pytest.mark.parametrize("skew", [-WINDOW, WINDOW])
def test_the_window_includes_its_edges(skew: float) -> None:
    assert Host(2).hear(Host(1).say(skew), 0) is None


def test_a_flood_of_recordings_costs_no_hmac(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded, backup = Host(1).say(0), Host(2)
    monkeypatch.setattr("sidecar.core.router.auth.is_genuine", None)
    assert backup.hear(recorded, 3600) is Drop.AUTH_STALE


@pytest.mark.parametrize("mode", AuthMode)
def test_a_signature_that_is_there_is_verified_in_every_mode(mode: AuthMode) -> None:
    host = Host(2, params=params(mode=mode))
    assert host.hear((body(), spoilt(Host(1).say(0)[1]), SOURCE), 0) is Drop.AUTH_HMAC
    assert host.hear(Host(1).say(0), 0) is None


@given(st.binary(max_size=80), st.binary(max_size=60), st.ip_addresses(), st.floats(-1e10, 1e10))
def test_verify_never_raises(message_: bytes, trailer: bytes, source: Any, now: float) -> None:
    auth = Authenticator(params(), 51, 3)
    assert auth.verify(message_, trailer, source, now) is not None


@given(st.binary(max_size=80), st.binary(min_size=27, max_size=27), st.ip_addresses())
def test_nobody_without_the_key_is_accepted(message_: bytes, trailer: bytes, source: Any) -> None:
    auth = Authenticator(params(), 51, 3)
    auth.set_clock(int.from_bytes(trailer[3:11], "big") / 2**32)
    assert auth.verify(message_, b"\1" + trailer, source, 0.0) is not None


adverts = st.builds(
    Advert,
    vrid=st.integers(1, 255),
    priority=st.integers(0, 255),
    interval_cs=st.integers(1, 40).map(lambda seconds: seconds * 100),
    addresses=st.lists(st.ip_addresses(v=4), min_size=1, max_size=4).map(tuple),
    version=st.sampled_from((2, 3)),
)
adverts6 = st.builds(
    Advert,
    vrid=st.integers(1, 255),
    priority=st.integers(0, 255),
    interval_cs=st.integers(1, 4095),
    addresses=st.lists(st.ip_addresses(v=6), min_size=1, max_size=4).map(tuple),
)


@given(
    adverts.map(lambda advert: (advert, SOURCE)) | adverts6.map(lambda advert: (advert, SOURCE6)), st.data()
)
def test_a_single_flipped_bit_is_refused(said: tuple[Advert, Address], data: st.DataObject) -> None:
    advert, source = said
    signer, judge = (Authenticator(params(), advert.vrid, advert.version) for _ in range(2))
    for auth in (signer, judge):
        auth.set_clock(EPOCH)
    message_ = message(advert)
    signed = bytearray(message_ + signer.sign(message_, source, 0.0))
    bit = data.draw(st.integers(0, 8 * len(signed) - 1).filter(lambda n: n // 8 not in (6, 7)))
    signed[bit // 8] ^= 1 << bit % 8
    flipped = bytes(signed[:-TRAILER_SIZE]), bytes(signed[-TRAILER_SIZE:])
    assert judge.verify(*flipped, source, 0.0) is not None
    signed[bit // 8] ^= 1 << bit % 8
    repaired = bytes(signed[:-TRAILER_SIZE]), bytes(signed[-TRAILER_SIZE:])
    assert judge.verify(*repaired, source, 0.0) is None


# ---- replay and reflection


@pytest.mark.parametrize("priority", [0, 255])
def test_what_was_said_is_not_heard_again_within_or_after_the_window(priority: int) -> None:
    master, backup = Host(1), Host(2)
    recorded = master.say(0, priority)
    assert backup.hear(recorded, 0) is None
    assert {backup.hear(recorded, at) for at in (0, 1, WINDOW)} == {Drop.AUTH_REPLAY}
    assert {backup.hear(recorded, at) for at in (WINDOW + 1, 3600, 1e8)} == {Drop.AUTH_STALE}


def test_what_was_not_heard_cannot_be_said_after_something_later() -> None:
    master, backup = Host(1), Host(2)
    withheld, later = master.say(0, 0), master.say(0)
    assert backup.hear(later, 0) is None
    assert backup.hear(withheld, 0) is Drop.AUTH_REPLAY


def test_a_recording_from_another_address_is_refused() -> None:
    message_, trailer, _ = Host(1).say(0)
    assert Host(2).hear((message_, trailer, IPv4Address("198.51.100.9")), 0) is Drop.AUTH_HMAC


def test_a_mirror_is_refused() -> None:
    host = Host(1)
    said = host.say(0)
    assert host.hear(said, 0) is Drop.AUTH_REPLAY
    assert host.hear((*said[:2], IPv4Address("198.51.100.9")), 0) is Drop.AUTH_HMAC


def test_a_refused_packet_moves_no_mark() -> None:
    master, backup = Host(1), Host(2)
    genuine, later = master.say(0), master.say(1)
    for refused in (
        (later[0], b"", SOURCE),
        (b"?", later[1], SOURCE),
        (later[0], spoilt(later[1]), SOURCE),
    ):
        assert backup.hear(refused, 0) is not None
    assert backup.hear(genuine, 0) is None


def test_a_flood_of_forged_senders_pushes_nobody_out() -> None:
    master, backup = Host(1), Host(2)
    recorded = master.say(0)
    assert backup.hear(recorded, 0) is None
    for number in range(1000):
        assert backup.hear((*recorded[:2], IPv4Address(number)), 0) is Drop.AUTH_HMAC
    assert backup.hear(recorded, 0) is Drop.AUTH_REPLAY


def test_the_memory_of_senders_is_bounded_and_keeps_the_latest() -> None:
    backup = Host(200)
    hosts = [Host(number) for number in range(1, SENDERS + 2)]
    first, forgotten, *others, last = (host.say(0) for host in hosts)
    again = hosts[0].say(1)
    assert {backup.hear(said, 1) for said in (first, forgotten, *others, again, last)} == {None}
    assert len(backup.auth._state.marks) == SENDERS
    assert {backup.hear(said, 1) for said in (first, *others, again, last)} == {Drop.AUTH_REPLAY}


# ---- routers do not speak for each other


@pytest.mark.parametrize(("vrid", "version"), [(52, 3), (51, 2)])
def test_the_trailer_of_another_router_is_refused(vrid: int, version: int) -> None:
    other = Authenticator(params(), vrid, version)
    other.set_clock(Host(2).epoch)
    said = body(), other.sign(body(), SOURCE, 0.0), SOURCE
    assert Host(2).hear(said, 0) is Drop.AUTH_HMAC


def test_the_trailer_of_another_family_is_refused() -> None:
    source = IPv6Address(int(SOURCE) << 96)
    signer = Host(1).auth
    said = body(), signer.sign(body(), source, Host(1).core(0)), SOURCE
    assert Host(2).hear(said, 0) is Drop.AUTH_HMAC
    assert Host(2).hear((*said[:2], source), 0) is None


# ---- the sequence


def test_a_sequence_grows_even_within_one_tick_of_the_clock() -> None:
    master, backup = Host(1), Host(2)
    assert {backup.hear(master.say(0), 0) for _ in range(70_000)} == {None}


@given(st.integers(0, 2**64 - 1), st.integers(1, 2**63 - 1))
def test_later_means_later_across_the_wrap(sequence: int, more: int) -> None:
    after = (sequence + more) % 2**64
    assert is_later(after, sequence)
    assert not is_later(sequence, after)
    assert not is_later(sequence, sequence)


gaps = st.lists(st.sampled_from((0.0, 1e-6, 2.0**-16, 0.5, 1.0, WINDOW, 60.0)), max_size=30)


@given(st.sampled_from((EPOCH, EPOCH + 0.99999, 2.0**31 - 0.5, 2.0**32 - 1.0, 2.0**32 - 60.0)), gaps)
def test_each_word_is_later_than_all_before_it_at_any_pace_and_none_is_heard_twice(
    epoch: float, gaps: list[float]
) -> None:
    """Across full counters, seconds and the wrap of 2106 alike."""
    master, backup, at = Host(1, epoch=epoch), Host(2, epoch=epoch), 0.0
    recorded = []
    for gap in gaps:
        at += gap
        recorded.append(master.say(at))
        assert backup.hear(recorded[-1], at) is None
    sequences = [read(trailer) for _, trailer, _ in recorded]
    assert all(a and b and is_later(b[1], a[1]) for a, b in pairwise(sequences))
    refused = {backup.hear(said, at + later) for said in recorded for later in (0.0, WINDOW, 3600.0)}
    assert refused <= {Drop.AUTH_REPLAY, Drop.AUTH_STALE}


@given(st.lists(st.floats(-WINDOW / 4, WINDOW / 4), max_size=20))
def test_small_corrections_of_the_sender_never_make_it_repeat_itself(corrections: list[float]) -> None:
    master, backup = Host(1), Host(2)
    for at, wrong in enumerate(corrections):
        master.set_wall(wrong)
        assert {backup.hear(master.say(at), at), backup.hear(master.say(at + 0.01), at + 0.01)} == {None}


# One less than half of the circle on each side: a time that is rounded to a tick may be one second further.
@given(st.floats(0, 2**33), st.integers(-(2**31) + 1, 2**31 - 2))
def test_seconds_are_counted_across_the_wrap(time: float, ahead: int) -> None:
    assert seconds_ahead(sequence_at(time + ahead), time) in (ahead, ahead - 1, ahead + 1)


@pytest.mark.parametrize("wrap", [2.0**31, 2.0**32], ids=["2038", "2106"])
def test_the_wrap_of_the_seconds_is_a_second_like_any_other(wrap: float) -> None:
    master, backup = Host(1, epoch=wrap - 10), Host(2, epoch=wrap - 10)
    assert set(talk(master, backup, start=0, end=20)) == {None}
    recorded = master.say(20)
    assert backup.hear(recorded, 20) is None
    assert backup.hear(recorded, 21) is Drop.AUTH_REPLAY


@pytest.mark.parametrize("behind", [0.0, 1.0, 3.0])
def test_a_restarted_sender_is_heard_once_its_clock_passes_its_last_word(behind: float) -> None:
    master, backup = Host(1), Host(2)
    assert backup.hear(master.say(10), 10) is None
    master.wrong = -behind
    master.restart()
    assert backup.hear(master.say(10 + behind), 10 + behind) in (None, Drop.AUTH_REPLAY)
    assert backup.hear(master.say(10.001 + behind), 10.001 + behind) is None


def test_a_sender_restarted_within_one_second_is_heard_at_once() -> None:
    master, backup = Host(1), Host(2)
    assert backup.hear(master.say(10.1), 10.1) is None
    master.restart()
    assert backup.hear(master.say(10.2), 10.2) is None


# ---- keys and modes


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
