"""One HTTP/1.1 response, read as bytes arrive. Pure: bytes in, state out; no socket, no clock.

For any input memory stays within the caps and nothing is raised: a broken response is a fault
with a name.
"""

from enum import StrEnum
from typing import Final

from sidecar.checks.http import head as http_head
from sidecar.checks.http.chunks import ChunkDecoder
from sidecar.checks.http.head import MAX_HEAD, Head

MAX_BODY: Final = 64 * 1024
"""Bytes of the body that are read; what comes after them is of no interest."""


class Waiting(StrEnum):
    """The part that must come next, in the words of the message when it does not."""

    STATUS = "no status line"
    HEAD = "no end of headers"
    BODY = "no end of body"
    NOTHING = "all is there"


class HttpReply:
    """Feed it until `complete` or `fault` is set. `bodiless`: the answer to a HEAD request.

    At most `most` bytes of the content are read.
    """

    def __init__(self, *, bodiless: bool = False, most: int = MAX_BODY) -> None:
        self._bodiless = bodiless
        self._most = most
        self.status: int | None = None
        """The status of the final response, once its head is there."""
        self.fault: str | None = None
        """Why this is no valid response."""
        self.waiting = Waiting.STATUS
        self.body = bytearray()
        """The first bytes of the content."""
        self._head = bytearray()
        self._head_bytes = 0
        self._left: int | None = None
        self._chunks: ChunkDecoder | None = None

    @property
    def complete(self) -> bool:
        """Whether all that will be read has been read."""
        return self.waiting is Waiting.NOTHING

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the connection, in pieces of any size."""
        while data and self.fault is None and not self.complete:
            data = self._feed_body(data) if self.waiting is Waiting.BODY else self._feed_head(data)

    def end(self) -> None:
        """Take note that the target closed the connection."""
        if self.fault is not None or self.complete:
            return
        if self.waiting is Waiting.BODY and self._left is None and self._chunks is None:
            self.waiting = Waiting.NOTHING
        else:
            self.fault = f"closed the connection: {self.waiting}"

    def _feed_head(self, data: bytes) -> bytes:
        taken = data[: MAX_HEAD + 1 - self._head_bytes]
        old = len(self._head)
        self._head += taken
        self._head_bytes += len(taken)
        if not http_head.may_be_http(self._head):
            self._fail("does not speak HTTP/1")
            return b""
        if b"\n" in taken:
            self.waiting = Waiting.HEAD
        end = http_head.find_end(self._head, old)
        if end < 0:
            if self._head_bytes > MAX_HEAD:
                self._fail(f"headers are longer than {MAX_HEAD} bytes")
            return data[len(taken) :]
        self._head_bytes -= len(self._head) - end
        raw = bytes(self._head[:end])
        self._head.clear()
        self._head_read(http_head.parse(raw))
        return data[end - old :]

    def _head_read(self, head: Head | str) -> None:
        if isinstance(head, str):
            self._fail(head)
            return
        if head.interim:
            self.waiting = Waiting.STATUS
            return
        self.status = head.status
        self._left = head.length
        self._chunks = ChunkDecoder() if head.chunked else None
        self.waiting = Waiting.NOTHING if head.length == 0 or self._bodiless else Waiting.BODY

    def _feed_body(self, data: bytes) -> bytes:
        content = data
        if self._chunks is not None:
            content = self._chunks.feed(data)
        elif self._left is not None:
            content = data[: self._left]
            self._left -= len(content)
        self.body += content[: self._most - len(self.body)]
        coding = self._chunks
        if len(self.body) == self._most or self._left == 0 or (coding is not None and coding.complete):
            self.waiting = Waiting.NOTHING
        elif coding is not None and coding.fault is not None:
            self._fail(coding.fault)
        return b""

    def _fail(self, fault: str) -> None:
        self.fault = fault
        self._head.clear()
