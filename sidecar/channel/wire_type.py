"""The interface of every type of the codec, and the bytes that are read."""

from typing import Any, Protocol

from sidecar.channel.malformed import Malformed


class Source:
    """Bytes of one message and how far they have been read."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes. Raise Malformed if there are fewer."""
        end = self._at + size
        if end > len(self._data):
            raise Malformed(f"{size} bytes expected, {self.left} left")
        piece = self._data[self._at : end]
        self._at = end
        return piece


class WireType(Protocol):
    """One type: its values as bytes and back.

    Every value has exactly one encoding, so that bytes that decode are those that encoding would give.
    `least` is the size in bytes of the shortest encoding, which bounds how many can follow.
    """

    least: int

    def put(self, value: Any, out: bytearray) -> None:
        """Append the value. Raise Unencodable if it is none of the type."""

    def take(self, source: Source) -> Any:
        """Read a value. Raise Malformed, and nothing else."""
