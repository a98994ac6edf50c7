"""Records of a file of events: a line each, with length and checksum before it.

A line is found again after any damage, because no record contains a newline: a torn or garbled record costs
that record alone. The length finds the next record even where the newline itself was garbled.
"""

import zlib
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 0xFFFF
"""Bytes of a record that a length of four hexadecimal digits can tell."""
_LENGTH: Final = 4
_HEAD: Final = _LENGTH + 1 + 8 + 1
"""Length and checksum in hexadecimal digits, each followed by a space."""


@dataclass(frozen=True, slots=True)
class Found:
    """The records of some bytes in their order, and how many places were no record."""

    records: tuple[bytes, ...] = ()
    damaged: int = 0

    def __add__(self, other: "Found") -> "Found":
        return Found(self.records + other.records, self.damaged + other.damaged)


def framed(record: bytes) -> bytes:
    """Return the line of a record. Raises ValueError: it is too long, or has a newline."""
    if len(record) > LONGEST or b"\n" in record:
        raise ValueError("no record: too long, or of several lines")
    length = b"%04x" % len(record)
    return b"%s %08x %s\n" % (length, _checksum(length, record), record)


def found(data: bytes) -> Found:
    """Return whatever is whole in these bytes."""
    records: list[bytes] = []
    damaged, at = 0, 0
    while at < len(data):
        record = _at(data, at)
        if record is not None:
            records.append(record)
            at += _HEAD + len(record) + 1
            continue
        newline = data.find(b"\n", at)
        # An empty line stands where somebody went on after a torn record.
        damaged += newline != at
        at = len(data) if newline < 0 else newline + 1
    return Found(tuple(records), damaged)


def _at(data: bytes, at: int) -> bytes | None:
    head = data[at : at + _HEAD]
    length, checksum = head[:_LENGTH], head[_LENGTH + 1 : -1]
    try:
        record = data[at + _HEAD : at + _HEAD + int(length, 16)]
        whole = head == b"%04x %08x " % (len(record), int(checksum, 16))
    except ValueError:
        return None
    return record if whole and int(checksum, 16) == _checksum(length, record) else None


def _checksum(length: bytes, record: bytes) -> int:
    return zlib.crc32(record, zlib.crc32(length))
