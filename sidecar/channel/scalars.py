"""Values without parts: numbers, text, bytes, members of enumerations, addresses."""

import struct
from collections.abc import Sequence
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from math import isinf, isnan
from typing import Any, Final

from sidecar.channel.limits import Cut, Most, Range
from sidecar.channel.malformed import Malformed, Unencodable
from sidecar.channel.wire_type import Source

_ELLIPSIS: Final = "…".encode()
_DOUBLE: Final = struct.Struct("!d")


def width(most: int) -> int:
    """Return how many bytes hold every number from 0 to `most`."""
    return max(1, (most.bit_length() + 7) // 8)


class Bool:
    """One byte, 0 or 1."""

    least = 1

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        if type(value) is not bool:
            raise Unencodable(f"{value!r} is no bool")
        out.append(value)

    def take(self, source: Source) -> bool:
        """Read it."""
        byte = source.take(1)[0]
        if byte > 1:
            raise Malformed(f"{byte} is no bool")
        return byte == 1


class Integer:
    """Big endian, as the distance from the lower bound, in as many bytes as the range needs."""

    def __init__(self, bounds: Range) -> None:
        self._low, self._high = int(bounds.low), int(bounds.high)
        self.least = width(self._high - self._low)

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        if type(value) is not int or not self._low <= value <= self._high:
            raise Unencodable(f"{value!r} is no int from {self._low} to {self._high}")
        out += (value - self._low).to_bytes(self.least, "big")

    def take(self, source: Source) -> int:
        """Read it."""
        value = int.from_bytes(source.take(self.least), "big") + self._low
        if value > self._high:
            raise Malformed(f"{value} is above {self._high}")
        return value


class Float:
    """IEEE 754, 8 bytes. Never NaN; infinite only where the bounds are."""

    least = 8

    def __init__(self, bounds: Range | None, *, infinite: bool) -> None:
        self._bounds = bounds
        self._infinite = infinite

    def put(self, value: Any, out: bytearray) -> None:
        """Append it. An int is taken for the float that it is equal to."""
        if type(value) is int and abs(value) <= 1 << 53:
            value = float(value)
        if type(value) is not float or not self._allows(value):
            raise Unencodable(f"{value!r} is no float that is allowed here")
        out += _DOUBLE.pack(value)

    def take(self, source: Source) -> float:
        """Read it."""
        value: float = _DOUBLE.unpack(source.take(8))[0]
        if not self._allows(value):
            raise Malformed(f"{value} is no float that is allowed here")
        return value

    def _allows(self, value: float) -> bool:
        if isnan(value):
            return False
        if self._bounds is not None:
            return self._bounds.low <= value <= self._bounds.high
        return self._infinite or not isinf(value)


class Bytes:
    """A length, and the bytes."""

    def __init__(self, limit: Most) -> None:
        self._most = limit.number
        self.least = width(self._most)

    def put(self, value: Any, out: bytearray) -> None:
        """Append them."""
        if type(value) is not bytes or len(value) > self._most:
            raise Unencodable(f"no bytes, or more than {self._most}")
        out += len(value).to_bytes(self.least, "big")
        out += value

    def take(self, source: Source) -> bytes:
        """Read them."""
        size = int.from_bytes(source.take(self.least), "big")
        if size > self._most:
            raise Malformed(f"{size} bytes, {self._most} are allowed")
        return source.take(size)


class Text:
    """UTF-8, bounded like bytes."""

    def __init__(self, limit: Most) -> None:
        self._bytes = Bytes(limit)
        self.least = self._bytes.least

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        # A member of an enumeration of texts is one, too.
        if not isinstance(value, str):
            raise Unencodable(f"{value!r} is no str")
        try:
            self._bytes.put(value.encode(), out)
        except UnicodeEncodeError as error:
            raise Unencodable(f"{value!r} is no text: {error.reason}") from None

    def take(self, source: Source) -> str:
        """Read it."""
        try:
            return self._bytes.take(source).decode()
        except UnicodeDecodeError as error:
            raise Malformed(f"no UTF-8: {error.reason}") from None


class Phrase:
    """Text for people: what is too long loses its end and gets an ellipsis."""

    def __init__(self, limit: Cut) -> None:
        self._most = limit.number
        self._text = Text(Most(limit.number))
        self.least = self._text.least

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        if not isinstance(value, str):
            raise Unencodable(f"{value!r} is no str")
        data = value.encode(errors="replace")
        if len(data) > self._most:
            data = data[: self._most - len(_ELLIPSIS)].decode(errors="ignore").encode() + _ELLIPSIS
        self._text.put(data.decode(), out)

    def take(self, source: Source) -> str:
        """Read it."""
        return self._text.take(source)


class Choice:
    """One of a few values: its place in the list. Members of an enumeration, or literals."""

    def __init__(self, values: Sequence[object]) -> None:
        self._values = tuple(values)
        self._places = {(type(value), value): place for place, value in enumerate(self._values)}
        self.least = width(len(self._values) - 1)

    @classmethod
    def of(cls, enumeration: type[Enum]) -> "Choice":
        """Return the type of an enumeration."""
        return cls(tuple(enumeration))

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        try:
            place = self._places[type(value), value]
        except (KeyError, TypeError):
            raise Unencodable(f"{value!r} is none of {self._values!r}") from None
        out += place.to_bytes(self.least, "big")

    def take(self, source: Source) -> object:
        """Read it."""
        place = int.from_bytes(source.take(self.least), "big")
        if place >= len(self._values):
            raise Malformed(f"choice {place} of {len(self._values)}")
        return self._values[place]


class Ipv4:
    """The bytes of an IPv4 address."""

    least = 4

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        if type(value) is not IPv4Address:
            raise Unencodable(f"{value!r} is no IPv4 address")
        out += value.packed

    def take(self, source: Source) -> IPv4Address:
        """Read it."""
        return IPv4Address(source.take(4))


class Ipv6:
    """The bytes of an IPv6 address, and its scope (RFC 4007 section 11.2), empty for none."""

    least = 17

    def __init__(self) -> None:
        self._scope = Text(Most(64))

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        if type(value) is not IPv6Address:
            raise Unencodable(f"{value!r} is no IPv6 address")
        out += value.packed
        self._scope.put(value.scope_id or "", out)

    def take(self, source: Source) -> IPv6Address:
        """Read it."""
        address, scope = IPv6Address(source.take(16)), self._scope.take(source)
        try:
            return IPv6Address(f"{address}%{scope}") if scope else address
        except ValueError as error:
            raise Malformed(str(error)) from None


class IpInterface:
    """The bytes of an address, and the length of its prefix."""

    def __init__(self, version: type[IPv4Interface] | type[IPv6Interface]) -> None:
        self._version = version
        self._size = 4 if version is IPv4Interface else 16
        self.least = self._size + 1

    def put(self, value: Any, out: bytearray) -> None:
        """Append it."""
        if type(value) is not self._version or getattr(value, "scope_id", None) is not None:
            raise Unencodable(f"{value!r} is no {self._version.__name__} without a scope")
        out += value.packed
        out.append(value.network.prefixlen)

    def take(self, source: Source) -> IPv4Interface | IPv6Interface:
        """Read it."""
        packed, length = source.take(self._size), source.take(1)[0]
        if length > 8 * self._size:
            raise Malformed(f"a prefix of {length} bits")
        return self._version((packed, length))
