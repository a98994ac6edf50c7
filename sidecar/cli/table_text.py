"""Pieces of tables of 80 columns: colours, text that was cut, spans of time."""

from typing import Final

WIDTH: Final = 80
RED, GREEN, YELLOW, BOLD, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[0m"
STATE_COLOURS: Final = {"MASTER": GREEN, "BACKUP": BOLD, "FAULT": RED, "INIT": YELLOW}
_DAY, _HOUR, _MINUTE = 86400, 3600, 60


def uncoloured(text: str) -> str:
    """Return a text without colours."""
    for code in (RED, GREEN, YELLOW, BOLD, PLAIN):
        text = text.replace(code, "")
    return text


def duration(seconds: float) -> str:
    """Return a span of time in its two largest units."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{max(0.0, seconds):.1f}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE}m"
    return f"{whole // _DAY}d {whole % _DAY // _HOUR}h"


def short(text: str, room: int) -> str:
    """Return a text that fits into so many columns."""
    return text if len(text) <= room else text[: room - 3] + "..."


def printable(text: str) -> str:
    """Take the control characters out: details quote what a checked server said."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
