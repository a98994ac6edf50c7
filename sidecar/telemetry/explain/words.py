"""Numbers and moments in words."""

import time
from typing import Final

_DAY, _HOUR, _MINUTE = 86400, 3600, 60
_TODAY: Final = _DAY / 2
"""Seconds from now within which a clock without a date cannot be mistaken."""


def span(seconds: float) -> str:
    """Return a span of time: `62 ms`, `3.06 s`, `4 m 12 s`, `1 d 2 h`."""
    seconds = max(0.0, seconds)
    if seconds < 0.9995:  # noqa: PLR2004 - what would be written as 1000 ms
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.995:  # noqa: PLR2004 - what would be written as 60 s
        return f"{_plain(seconds)} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} m {whole % _MINUTE} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} m"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def clock(at: float, now: float) -> str:
    """Return a moment as a clock in UTC, with its date unless that is plain. Both in Unix seconds."""
    tenths = round(at * 10)
    shown = f"{time.strftime('%H:%M:%S', time.gmtime(tenths // 10))}.{tenths % 10} UTC"
    if abs(at - now) <= _TODAY:
        return shown
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def times(number: int, one: str) -> str:
    """Return a number of things: `1 failure`, `3 failures`."""
    return f"{number} {one}" if number == 1 else f"{number} {one}{'es' if one.endswith('s') else 's'}"


def _plain(seconds: float) -> str:
    return f"{seconds:.2f}".rstrip("0").rstrip(".")
