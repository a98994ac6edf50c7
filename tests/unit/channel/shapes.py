"""Types with every sort of value that the codec can do, and strategies that make such values."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from math import inf
from typing import Annotated, Literal

from hypothesis import strategies as st

from sidecar.channel.codec import Codec
from sidecar.channel.limits import Infinite, Most, Range


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Small:
    yes: bool
    vrid: Annotated[int, Range(1, 255)]


@dataclass(frozen=True, slots=True)
class Even:
    """It has a rule of its own."""

    number: Annotated[int, Range(-300, 300)]

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


@dataclass(frozen=True, slots=True)
class Everything:
    flag: bool
    number: int
    narrow: Annotated[int, Range(-5, 1000)]
    seconds: float
    endless: Annotated[float, Infinite()]
    ratio: Annotated[float, Range(0, 1)]
    text: Annotated[str, Most(40)]
    raw: Annotated[bytes, Most(300)]
    colour: Colour
    style: Literal["auto", "json"]
    four: IPv4Address
    six: IPv6Address
    either: IPv4Address | IPv6Address
    vip4: IPv4Interface
    vip6: IPv6Interface
    maybe: Annotated[str, Most(10)] | None
    many: Annotated[tuple[Annotated[int, Range(0, 9)], ...], Most(5)]
    together: tuple[Annotated[str, Most(3)], float]
    names: Annotated[frozenset[Annotated[str, Most(8)]], Most(6)]
    nested: tuple[Small, ...]
    one_of: Small | Even | Nothing | None


EVERYTHING: Codec[Everything] = Codec(Everything)


def texts(most: int) -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=["Cs"])
    return st.text(letters, max_size=most).filter(lambda text: len(text.encode()) <= most)


scoped = st.builds(lambda n: IPv6Address(f"fe80::{n:x}%eth{n}"), st.integers(1, 99))
finite = st.floats(allow_nan=False, allow_infinity=False)
smalls = st.builds(Small, st.booleans(), st.integers(1, 255))
evens = st.builds(Even, st.integers(-150, 150).map(lambda half: 2 * half))
everything = st.builds(
    Everything,
    flag=st.booleans(),
    number=st.integers(-(2**63), 2**63 - 1),
    narrow=st.integers(-5, 1000),
    seconds=finite,
    endless=st.one_of(finite, st.sampled_from([inf, -inf])),
    ratio=st.floats(0, 1),
    text=texts(40),
    raw=st.binary(max_size=300),
    colour=st.sampled_from(Colour),
    style=st.sampled_from(["auto", "json"]),
    four=st.ip_addresses(v=4),
    six=st.ip_addresses(v=6),
    either=st.ip_addresses() | scoped,
    vip4=st.builds(lambda ip, n: IPv4Interface((ip, n)), st.ip_addresses(v=4), st.integers(0, 32)),
    vip6=st.builds(lambda ip, n: IPv6Interface((ip, n)), st.ip_addresses(v=6), st.integers(0, 128)),
    maybe=st.none() | texts(10),
    many=st.lists(st.integers(0, 9), max_size=5).map(tuple),
    together=st.tuples(texts(3), finite),
    names=st.frozensets(texts(8), max_size=6),
    nested=st.lists(smalls, max_size=20).map(tuple),
    one_of=st.none() | smalls | evens | st.just(Nothing()),
)
