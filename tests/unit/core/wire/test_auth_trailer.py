"""The trailer as bytes, and its sequence.

Modules: core.wire.hmac_key.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.wire.auth_trailer import is_later, seconds_ahead, sequence_at, successor
from tests.unit.core.router.signers import EPOCH, Host


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


@given(st.integers(0, 2**64 - 1), st.integers(1, 2**63 - 1))
def test_later_means_later_across_the_wrap(sequence: int, more: int) -> None:
    after = (sequence + more) % 2**64
    assert is_later(after, sequence)
    assert not is_later(sequence, after)
    assert not is_later(sequence, sequence)


def test_what_is_half_the_circle_away_comes_after_nothing() -> None:
    assert not is_later(2**63, 0)
    assert not is_later(0, 2**63)


# One less than half of the circle on each side: a time that is rounded to a tick may be one second further.
@given(st.floats(0, 2**33), st.integers(-(2**31) + 1, 2**31 - 2))
def test_seconds_are_counted_across_the_wrap(time: float, ahead: int) -> None:
    assert seconds_ahead(sequence_at(time + ahead), time) in (ahead, ahead - 1, ahead + 1)
