"""Status line and header section of an HTTP/1.1 response (RFC 9112 sections 4 and 5)."""

import re
from dataclasses import dataclass
from typing import Final

MAX_HEAD: Final = 16 * 1024
"""Bytes of status lines and headers, interim responses included, that are read."""

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9]{2})(?: [^\r\n]*)?\r?")
_END: Final = re.compile(rb"\r?\n\r?\n")
_NO_CONTENT: Final = (204, 304)


@dataclass(frozen=True, slots=True)
class Head:
    """The framing of the rest of the response. Without a `length` the body ends with the connection."""

    status: int
    chunked: bool = False
    length: int | None = None

    @property
    def interim(self) -> bool:
        """Whether the real response is still to come (1xx)."""
        return self.status < 200  # noqa: PLR2004 - RFC 9110 section 15.2


def find_end(data: bytearray, start: int) -> int:
    """Return where the head in `data` ends, or -1. Bytes before `start` have been searched already."""
    match = _END.search(data, max(0, start - 3))
    return match.end() if match else -1


def may_be_http(data: bytearray) -> bool:
    """Say whether `data` can still become a status line."""
    start = b"HTTP/1."
    return start.startswith(data[: len(start)]) or data.startswith(start)


def parse(raw: bytes) -> Head | str:
    """Return the head, or what is wrong with it. Header lines without a colon are ignored, as browsers do."""
    status_line, *lines = raw.split(b"\n")
    match = _STATUS_LINE.fullmatch(status_line)
    if match is None:
        return "the status line is malformed"
    status = int(match[1])
    if status in _NO_CONTENT:
        return Head(status, length=0)
    lengths: set[bytes] = set()
    chunked = False
    for line in lines:
        name, _, value = line.partition(b":")
        match name.strip().lower():
            case b"transfer-encoding":
                chunked = value.strip().lower().endswith(b"chunked")
            case b"content-length":
                lengths.update(part.strip() for part in value.split(b","))
    if chunked:  # RFC 9112 section 6.3: the coding overrides a length
        return Head(status, chunked=True)
    if not lengths:
        return Head(status)
    return _with_length(status, lengths)


def _with_length(status: int, lengths: set[bytes]) -> Head | str:
    digits = next(iter(lengths))
    if len(lengths) > 1 or not digits.isdigit() or len(digits) > 18:  # noqa: PLR2004 - fits 64 bits
        return "the content length is malformed"
    return Head(status, length=int(digits))
