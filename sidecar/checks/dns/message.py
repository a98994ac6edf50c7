"""DNS messages (RFC 1035 section 4): one question out, one answer in. Pure, bounded, and never raises.

A broken or hostile answer is a fault with a name. Compression pointers must point backwards, so a
loop of them ends; names are at most 255 bytes, answers are at most as many as fit the message.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

TYPES: Final = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "SRV": 33,
}
_IN: Final = 1
_HEADER: Final = struct.Struct("!HHHHHH")
_RECORD: Final = struct.Struct("!HHIH")
_RESPONSE, _TRUNCATED, _RECURSE, _OPCODE = 0x8000, 0x0200, 0x0100, 0x7800
_POINTER: Final = 0xC0
_MAX_NAME: Final = 255
_RCODES: Final = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


@dataclass(frozen=True, slots=True)
class Question:
    """The question: a name without a final dot, and a type of `TYPES`."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: `records` are the values of the asked type, as text."""

    rcode: str
    records: tuple[str, ...] = ()
    truncated: bool = False


class _MalformedError(Exception):
    """The message breaks a rule of the format."""


def query(number: int, question: Question) -> bytes:
    """Return a recursive query with this id."""
    return _HEADER.pack(number, _RECURSE, 1, 0, 0, 0) + _question(question)


def _question(question: Question) -> bytes:
    labels = [label.encode("ascii") for label in question.name.rstrip(".").split(".") if label]
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return name + struct.pack("!HH", TYPES[question.type], _IN)


def belongs(data: bytes, number: int, question: Question) -> bool:
    """Say whether `data` answers this query: id, direction, opcode and question are as asked (RFC 5452)."""
    if len(data) < _HEADER.size:
        return False
    seen, flags, questions, *_ = _HEADER.unpack_from(data)
    asked = _question(question)
    return (
        seen == number
        and flags & _RESPONSE != 0
        and flags & _OPCODE == 0
        and questions == 1
        and data[_HEADER.size : _HEADER.size + len(asked)].lower() == asked.lower()
    )


def decode(data: bytes, question: Question) -> Answer | str:
    """Return the answer in a message that `belongs`, or what is wrong with it."""
    _, flags, _, count, _, _ = _HEADER.unpack_from(data)
    code = flags & 0xF
    rcode = "NOERROR" if code == 0 else _RCODES.get(code, f"rcode {code}")
    if flags & _TRUNCATED:
        return Answer(rcode, truncated=True)
    records: list[str] = []
    at = _HEADER.size + len(_question(question))
    try:
        for _ in range(count):
            _, at = _name(data, at)
            kind, family, _, length = _RECORD.unpack_from(data, at)
            start = at + _RECORD.size
            at = start + length
            if (kind, family) == (TYPES[question.type], _IN):
                records.append(_text(data, question.type, start, at))
    except (_MalformedError, struct.error, IndexError, ValueError):
        return "the answer is malformed"
    return "the answer is malformed" if at > len(data) else Answer(rcode, tuple(records))


def _text(data: bytes, kind: str, start: int, end: int) -> str:
    if end > len(data):
        raise _MalformedError
    match kind:
        case "A":
            return str(IPv4Address(data[start:end]))
        case "AAAA":
            return str(IPv6Address(data[start:end]))
        case "MX":
            return f"{int.from_bytes(data[start : start + 2], 'big')} {_name(data, start + 2)[0]}"
        case "SRV":
            numbers = struct.unpack_from("!HHH", data, start)
            return " ".join([*map(str, numbers), _name(data, start + 6)[0]])
        case "TXT":
            return _strings(data[start:end])
        case _:
            return _name(data, start)[0]


def _strings(data: bytes) -> str:
    parts, at = [], 0
    while at < len(data):
        parts.append(data[at + 1 : at + 1 + data[at]].decode("utf-8", "replace"))
        at += 1 + data[at]
    return "".join(parts)


def _name(data: bytes, at: int) -> tuple[str, int]:
    """Return the name at `at`, without a final dot and in small letters, and where it ends."""
    labels: list[str] = []
    size, end, lowest = 0, -1, at
    while True:
        length = data[at]
        if length >= _POINTER:
            end = at + 2 if end < 0 else end
            at = (length - _POINTER) << 8 | data[at + 1]
            if at >= lowest:
                raise _MalformedError
            lowest = at
            continue
        at += 1
        if length == 0:
            return ".".join(labels), at if end < 0 else end
        size += length + 1
        if length > 63 or size > _MAX_NAME or at + length > len(data):  # noqa: PLR2004 - RFC 1035 section 2.3.4
            raise _MalformedError
        labels.append(data[at : at + length].decode("ascii", "replace").lower())
        at += length
