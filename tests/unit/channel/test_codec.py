"""The codec: what is allowed goes there and back, everything else is refused by name.

Modules: channel.scalars, channel.wire_type.
"""

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from math import inf, nan
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.channel.codec import Codec
from sidecar.channel.limits import Cut, Infinite, Most, Range
from sidecar.channel.malformed import Malformed, Unencodable
from tests.unit.channel.shapes import EVERYTHING, Colour, Even, Everything, Nothing, Small, everything


@given(everything)
def test_every_value_goes_there_and_back(value: Everything) -> None:
    assert EVERYTHING.decode(EVERYTHING.encode(value)) == value


@given(everything, st.data())
def test_whatever_still_decodes_after_a_change_has_that_one_encoding(value: Everything, data: Any) -> None:
    good = bytearray(EVERYTHING.encode(value))
    for _ in range(data.draw(st.integers(1, 3))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = EVERYTHING.decode(bytes(good))
    except Malformed:
        return
    assert EVERYTHING.encode(found) == good


@given(everything, st.data())
def test_a_message_that_was_cut_or_extended_is_malformed(value: Everything, data: Any) -> None:
    good = EVERYTHING.encode(value)
    with pytest.raises(Malformed):
        EVERYTHING.decode(good[: data.draw(st.integers(0, len(good) - 1))])
    with pytest.raises(Malformed, match="1 bytes too many"):
        EVERYTHING.decode(good + b"\0")


@given(st.binary(max_size=400))
def test_any_bytes_are_a_value_or_malformed(data: bytes) -> None:
    try:
        found = EVERYTHING.decode(data)
    except Malformed:
        return
    assert EVERYTHING.encode(found) == data


def _any(value: Any) -> Any:
    return value


REFUSED_VALUES: list[tuple[Any, Any]] = [
    (Small, Small(True, 0)),
    (Small, Small(True, 256)),
    (Small, Small(_any(1), 5)),
    (Small, Small(True, True)),
    (Small, Nothing()),
    (bool, None),
    (int, 2**63),
    (float, nan),
    (float, inf),
    (float, 2**60),
    (float, "1"),
    (Annotated[float, Infinite()], nan),
    (Annotated[float, Range(0, 5)], 5.1),
    (Annotated[float, Range(0, 5)], inf),
    (Annotated[str, Most(2)], "äö"),
    (str, "\ud800"),
    (str, b"x"),
    (Annotated[bytes, Most(2)], b"abc"),
    (bytes, bytearray(b"x")),
    (Colour, "red"),
    (IPv4Address, IPv6Address("::1")),
    (IPv6Address, IPv4Address("192.0.2.1")),
    (IPv6Interface, IPv6Interface("fe80::1%eth0/64")),
    (tuple[int, ...], [1]),
    (Annotated[tuple[int, ...], Most(1)], (1, 2)),
    (tuple[int, str], (1, "a", 2)),
    (frozenset[int], {1}),
    (Small | Even, Nothing()),
    (int | None, "x"),
]


@pytest.mark.parametrize(("kind", "value"), REFUSED_VALUES, ids=lambda each: repr(each)[:40])
def test_a_value_out_of_bounds_is_not_encoded(kind: Any, value: Any) -> None:
    with pytest.raises(Unencodable):
        Codec(kind).encode(value)


REFUSED_BYTES: list[tuple[Any, bytes, str]] = [
    (bool, b"\2", "no bool"),
    (Annotated[int, Range(1, 200)], b"\xff", "above 200"),
    (float, b"\x7f\xf8" + bytes(6), "nan"),
    (float, b"\x7f\xf0" + bytes(6), "inf"),
    (Annotated[float, Range(0, 1)], b"\x40\x00" + bytes(6), "2.0"),
    (Annotated[str, Most(5)], b"\x06abcdef", "6 bytes, 5 are allowed"),
    (Annotated[str, Most(5)], b"\x05ab", "5 bytes expected, 2 left"),
    (Annotated[str, Most(5)], b"\x02\xc3\x28", "no UTF-8"),
    (Annotated[str, Most(5)], b"\x03\xed\xa0\x80", "no UTF-8"),
    (IPv6Address, bytes(16) + b"\2a%", "Invalid IPv6 address"),
    (Colour, b"\3", "choice 3 of 3"),
    (int | None, b"\2", "neither presence nor absence"),
    (Annotated[tuple[bool, ...], Most(3)], b"\4\0\0\0\0", "4 elements, 3 are allowed"),
    (Annotated[tuple[bool, ...], Most(3)], b"\3\0", "1 bytes are left"),
    (Annotated[frozenset[bool], Most(3)], b"\2\1\0", "out of order"),
    (Annotated[frozenset[bool], Most(3)], b"\2\1\1", "out of order, or twice"),
    (Annotated[frozenset[float], Most(3)], b"\2" + bytes(8) + b"\x80" + bytes(7), "equal"),
    (Even, b"\1\x2d", "odd"),
    (Small | Even, b"\2\0\0", "alternative 2 of 2"),
    (bool, b"", "1 bytes expected, 0 left"),
    (bool, b"\0\0", "1 bytes too many"),
]


@pytest.mark.parametrize(("kind", "data", "why"), REFUSED_BYTES, ids=lambda each: repr(each)[:40])
def test_malformed_bytes_are_refused_with_the_reason(kind: Any, data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        Codec(kind).decode(data)


def test_a_prefix_longer_than_the_address_is_malformed() -> None:
    good = EVERYTHING.encode(_example())
    at = good.index(IPv4Address("192.0.2.99").packed) + 4
    with pytest.raises(Malformed, match="prefix of 33 bits"):
        EVERYTHING.decode(good[:at] + b"\x21" + good[at + 1 :])


def test_a_claim_of_many_elements_costs_nothing() -> None:
    codec: Codec[Any] = Codec(Annotated[tuple[Everything, ...], Most(2**32 - 1)])
    tracemalloc.start()
    try:
        with pytest.raises(Malformed):
            codec.decode(b"\xff\xff\xff\xff" + bytes(100))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20_000


@dataclass(frozen=True, slots=True)
class _Endless:
    inner: "_Endless | None"


@dataclass(frozen=True, slots=True)
class _Derived:
    number: int
    twice: int = field(init=False, default=0)


@pytest.mark.parametrize(
    "kind",
    [
        dict[str, int],
        Path,
        list[int],
        object,
        complex,
        _Endless,
        _Derived,
        tuple[Nothing, ...],
        frozenset[Nothing],
        Annotated[int, Range(0, 1)] | Annotated[int, Range(5, 6)],
        Callable[[], None],
    ],
    ids=repr,
)
def test_a_type_that_cannot_be_bounded_is_refused_when_the_codec_is_made(kind: Any) -> None:
    with pytest.raises(TypeError):
        Codec(kind)


def test_a_table_bounds_what_a_class_leaves_open() -> None:
    @dataclass(frozen=True, slots=True)
    class Plain:
        number: int
        names: tuple[str, ...]

    codec: Codec[Any] = Codec(Plain, {(Plain, "number"): Range(1, 3), (Plain, "names"): (Most(2), Most(4))})
    assert codec.decode(codec.encode(Plain(3, ("abcd", "b")))) == Plain(3, ("abcd", "b"))
    for wrong in (Plain(4, ()), Plain(1, ("a", "b", "c")), Plain(1, ("abcde",))):
        with pytest.raises(Unencodable):
            codec.encode(wrong)


@given(st.text(max_size=30))
def test_text_for_people_is_cut_and_never_refused(text: str) -> None:
    codec: Codec[str] = Codec(Annotated[str, Cut(12)])
    found = codec.decode(codec.encode(text))
    if len(text.encode(errors="replace")) <= 12:
        assert found == text.encode(errors="replace").decode()
    else:
        assert len(found.encode()) <= 12
        assert found.endswith("…")
        assert text.encode(errors="replace").startswith(found[:-1].encode())


def test_an_error_names_the_field() -> None:
    with pytest.raises(Unencodable, match="nested: vrid: 0 is no int from 1 to 255"):
        EVERYTHING.encode(replace(_example(), nested=(Small(True, 0),)))


def _example() -> Everything:
    return Everything(
        flag=True,
        number=1,
        narrow=2,
        seconds=3.0,
        endless=inf,
        ratio=0.5,
        text="t",
        raw=b"r",
        colour=Colour.BLUE,
        style="json",
        four=IPv4Address("192.0.2.1"),
        six=IPv6Address("2001:db8::1"),
        either=IPv6Address("2001:db8::2"),
        vip4=IPv4Interface("192.0.2.99/24"),
        vip6=IPv6Interface("2001:db8::3/64"),
        maybe=None,
        many=(1, 2),
        together=("ab", 1.0),
        names=frozenset({"x", "y"}),
        nested=(Small(False, 7),),
        one_of=Even(-2),
    )
