"""Values with parts: optional ones, tuples, frozensets, dataclasses and closed unions."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sidecar.channel.limits import Most
from sidecar.channel.malformed import Malformed, Unencodable
from sidecar.channel.scalars import width
from sidecar.channel.wire_type import Source, WireType


class Optional:
    """One byte, 0 for None or 1 with the value after it."""

    least = 1

    def __init__(self, inner: WireType) -> None:
        self._inner = inner

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        out.append(value is not None)
        if value is not None:
            self._inner.put(value, out)

    def take(self, source: Source) -> Any:
        """Read it."""
        byte = source.take(1)[0]
        if byte > 1:
            raise Malformed(f"{byte} says neither presence nor absence")
        return self._inner.take(source) if byte else None


class Many:
    """A tuple of any length up to a bound: the length, and the elements."""

    def __init__(self, inner: WireType, limit: Most) -> None:
        if not inner.least:
            raise TypeError("elements without bytes: a few bytes could claim any number of them")
        self._inner = inner
        self._most = limit.number
        self.least = width(self._most)

    def put(self, value: Any, out: bytearray) -> None:
        """Append them."""
        if type(value) is not tuple or len(value) > self._most:
            raise Unencodable(f"no tuple, or more than {self._most} elements")
        out += len(value).to_bytes(self.least, "big")
        for each in value:
            self._inner.put(each, out)

    def take(self, source: Source) -> tuple[Any, ...]:
        """Read them. Nothing is made before the bytes can be enough for all of them."""
        number = int.from_bytes(source.take(self.least), "big")
        if number > self._most or number * self._inner.least > source.left:
            raise Malformed(f"{number} elements, {self._most} are allowed and {source.left} bytes are left")
        return tuple(self._inner.take(source) for _ in range(number))


class Together:
    """A tuple of a fixed length, each place with a type of its own."""

    def __init__(self, inner: Sequence[WireType]) -> None:
        self._inner = tuple(inner)
        self.least = sum(each.least for each in self._inner)

    def put(self, value: Any, out: bytearray) -> None:
        """Append them."""
        if type(value) is not tuple or len(value) != len(self._inner):
            raise Unencodable(f"no tuple of {len(self._inner)}")
        for kind, each in zip(self._inner, value, strict=True):
            kind.put(each, out)

    def take(self, source: Source) -> tuple[Any, ...]:
        """Read them."""
        return tuple(kind.take(source) for kind in self._inner)


class Unordered:
    """A frozenset, in the order of the bytes of its elements: a set has one encoding, too."""

    def __init__(self, inner: WireType, limit: Most) -> None:
        self._inner = inner
        self._many = Many(inner, limit)
        self.least = self._many.least

    def put(self, value: Any, out: bytearray) -> None:
        """Append them."""
        if type(value) is not frozenset:
            raise Unencodable(f"{value!r} is no frozenset")
        self._many.put(tuple(sorted(value, key=self._packed)), out)

    def take(self, source: Source) -> frozenset[Any]:
        """Read them."""
        elements = self._many.take(source)
        packed = [self._packed(each) for each in elements]
        if any(one >= other for one, other in pairwise(packed)):
            raise Malformed("elements of a set out of order, or twice")
        found = frozenset(elements)
        if len(found) != len(elements):
            raise Malformed("elements of a set that are equal")
        return found

    def _packed(self, value: Any) -> bytes:
        out = bytearray()
        self._inner.put(value, out)
        return bytes(out)


class Record:
    """The fields of a dataclass in their order. Its own rules (`__post_init__`) are asked, too."""

    def __init__(self, make: Callable[..., Any], fields: Mapping[str, WireType]) -> None:
        self._make = make
        self._fields = tuple(fields.items())
        self.least = sum(kind.least for kind in fields.values())

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        if type(value) is not self._make:
            raise Unencodable(f"{type(value).__name__} where {self._make.__name__} belongs")
        for name, kind in self._fields:
            try:
                kind.put(getattr(value, name), out)
            except Unencodable as error:
                raise Unencodable(f"{name}: {error}") from None

    def take(self, source: Source) -> Any:
        """Read it."""
        values = {name: kind.take(source) for name, kind in self._fields}
        try:
            return self._make(**values)
        except ValueError as error:
            raise Malformed(f"{self._make.__name__}: {error}") from None


class Union:
    """One of several types that are told apart by their class: the place in the list, and the value."""

    def __init__(self, alternatives: Mapping[type, WireType]) -> None:
        self._kinds = tuple(alternatives.values())
        self._places = {alternative: place for place, alternative in enumerate(alternatives)}
        self.least = 1 + min(kind.least for kind in self._kinds)

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        place = self._places.get(type(value))
        if place is None:
            names = ", ".join(each.__name__ for each in self._places)
            raise Unencodable(f"{type(value).__name__} is none of {names}")
        out.append(place)
        self._kinds[place].put(value, out)

    def take(self, source: Source) -> Any:
        """Read it."""
        place = source.take(1)[0]
        if place >= len(self._kinds):
            raise Malformed(f"alternative {place} of {len(self._kinds)}")
        return self._kinds[place].take(source)
