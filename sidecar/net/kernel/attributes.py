"""Attributes of netlink messages as bytes: a length, a kind, a value, padding."""

import struct
from typing import Final

_NESTED: Final = 0x8000
_HEADER: Final = struct.Struct("=HH")


def attribute(kind: int, value: bytes) -> bytes:
    """Return one attribute, padded."""
    size = _HEADER.size + len(value)
    return _HEADER.pack(size, kind) + value + bytes(-size % 4)


def text(kind: int, value: str) -> bytes:
    """Return a string attribute."""
    return attribute(kind, value.encode() + b"\0")


def nested(kind: int, *members: bytes) -> bytes:
    """Return an attribute that consists of attributes."""
    return attribute(kind | _NESTED, b"".join(members))
