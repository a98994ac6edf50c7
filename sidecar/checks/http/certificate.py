"""When a certificate ends, read from its DER bytes (RFC 5280 section 4.1).

The ssl module decodes only certificates that it has verified; a check with `verify: false` wants to
know, too. No bytes make it raise: unreadable ones are None.
"""

import calendar
import re
import time
from datetime import timedelta
from typing import Final

_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_LONG_FORM: Final = 0x80
_MAX_LENGTH_BYTES: Final = 4
_PIVOT: Final = 50
"""A two-digit year from here on is of the last century (RFC 5280 section 4.1.2.5.1)."""
_DAY: Final = 86400.0


def not_after(der: bytes) -> float | None:
    """Return the end of validity in Unix seconds; None when the bytes are no certificate."""
    try:
        certificate = _content(der, 0, _SEQUENCE)
        to_be_signed = _content(certificate, 0, _SEQUENCE)
        at = _after(to_be_signed, 0) if to_be_signed[0] == _VERSION else 0
        for _ in ("serial number", "signature", "issuer"):
            at = _after(to_be_signed, at)
        validity = _content(to_be_signed, at, _SEQUENCE)
        return _time(validity, _after(validity, 0))
    except (IndexError, ValueError):
        return None


def warning(expires: float, now: float, within: float) -> str:
    """Return a sentence when a certificate ends in less than `within` seconds, else nothing."""
    left = expires - now
    if left >= within:
        return ""
    if left < 0:
        return f"the certificate expired {_days(-left)} ago"
    return f"the certificate expires in {_days(left)}"


def _days(seconds: float) -> str:
    days = int(seconds // _DAY)
    return (
        f"{days} days" if days > 1 else f"{max(1, round(timedelta(seconds=seconds) / timedelta(hours=1)))} h"
    )


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at `at` starts and ends."""
    length, start = data[at + 1], at + 2
    if length >= _LONG_FORM:
        count = length - _LONG_FORM
        if not 1 <= count <= _MAX_LENGTH_BYTES:
            raise ValueError("no definite length")
        length, start = int.from_bytes(data[start : start + count], "big"), start + count
    if start + length > len(data):
        raise ValueError("cut off")
    return start, start + length


def _after(data: bytes, at: int) -> int:
    return _bounds(data, at)[1]


def _content(data: bytes, at: int, tag: int) -> bytes:
    if data[at] != tag:
        raise ValueError("another element")
    start, end = _bounds(data, at)
    return data[start:end]


def _time(data: bytes, at: int) -> float:
    start, end = _bounds(data, at)
    text = data[start:end].decode("ascii", "replace")
    if data[at] == _UTC_TIME and re.fullmatch(r"[0-9]{12}Z", text):
        text = ("19" if int(text[:2]) >= _PIVOT else "20") + text
    elif data[at] != _GENERALIZED_TIME:
        raise ValueError("no time")
    return float(calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ")))
