"""Authenticated adverts: the bytes, each refusal, keys and modes. Clocks: test_auth_clock.py.

No daemon that speaks this format was at hand. The two golden packets are the vectors published with
the draft; they are all that ties us to other implementations.
"""

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.address import Address
from sidecar.core.params import AuthMode, HmacParams
from sidecar.core.router.auth import SENDERS, Authenticator
from sidecar.core.wire.advert import TRAILER_SIZE, Advert, Drop, decode, encode, message
from sidecar.core.wire.hmac_key import HmacKey
from tests.unit.core.router.signers import EPOCH, WINDOW, Host, body, params, spoilt

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


# ---- keys and modes
