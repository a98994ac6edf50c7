"""The chunked transfer coding of HTTP/1.1 (RFC 9112 section 7.1), decoded as bytes arrive."""

from enum import Enum, auto
from typing import Final

_MAX_SIZE_LINE: Final = 1024
_MAX_SIZE_DIGITS: Final = 16
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")


class _Expect(Enum):
    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    NOTHING = auto()


class ChunkDecoder:
    """Feed bytes, get the bytes of the content. Keeps at most one size line of 1 KiB."""

    def __init__(self) -> None:
        self.complete = False
        """The last chunk was seen; a trailer section is of no interest."""
        self.fault: str | None = None
        """The error of the coding, if there is one."""
        self._expect = _Expect.SIZE
        self._line = bytearray()
        self._left = 0

    def feed(self, data: bytes) -> bytes:
        """Return the content in `data`. Sets `complete` or `fault` when there is nothing more to come."""
        content = bytearray()
        position = 0
        while position < len(data) and self._expect is not _Expect.NOTHING:
            if self._expect is _Expect.DATA:
                piece = data[position : position + self._left]
                content += piece
                position += len(piece)
                self._left -= len(piece)
                if not self._left:
                    self._expect = _Expect.DATA_END
            else:
                position = self._take_line(data, position)
        return bytes(content)

    def _take_line(self, data: bytes, position: int) -> int:
        end = data.find(b"\n", position)
        stop = len(data) if end < 0 else end + 1
        self._line += data[position : min(stop, position + _MAX_SIZE_LINE + 1)]
        if len(self._line) > _MAX_SIZE_LINE:
            self._fail("a chunk size line is too long")
        elif end >= 0:
            line = bytes(self._line).strip()
            self._line.clear()
            self._line_read(line)
        return stop

    def _line_read(self, line: bytes) -> None:
        if self._expect is _Expect.DATA_END:
            if line:
                self._fail("a chunk is longer than it says")
            else:
                self._expect = _Expect.SIZE
            return
        digits = line.partition(b";")[0].rstrip()
        if not digits or len(digits) > _MAX_SIZE_DIGITS or not _HEX.issuperset(digits):
            self._fail("a chunk size is no number")
            return
        self._left = int(digits, 16)
        self._expect = _Expect.DATA
        if not self._left:
            self.complete = True
            self._expect = _Expect.NOTHING

    def _fail(self, fault: str) -> None:
        self.fault = fault
        self._line.clear()
        self._expect = _Expect.NOTHING
