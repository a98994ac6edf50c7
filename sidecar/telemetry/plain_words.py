"""Text for people: spans of time, texts of others that were cut and cannot move a cursor. Pure."""

import time

_DAY, _HOUR, _MINUTE = 86400, 3600, 60


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


def excerpt(text: str, room: int) -> str:
    """Return the beginning of a text, cut as `divided` does."""
    head, rest = divided(text, room)
    return f"{head}..." if rest else head


def divided(text: str, room: int) -> tuple[str, str]:
    """Return what fits into so many columns with dots behind it, and the rest: "" if all of it fits.

    Words stay whole, unless one takes more than half of the room. A command in backticks stays whole if it
    is not the beginning: half a command may be copied, and do something else.
    """
    if len(text) <= room:
        return text, ""
    room -= len("...")
    end = text.rfind(" ", 0, room + 1)
    if end < room // 2:
        end = room
    if command := _open_command(text, end):
        end = text.rfind(" ", 0, command) if " " in text[:command] else command
    return text[:end].rstrip(), text[end:].lstrip()


def _open_command(text: str, at: int) -> int:
    """Return where the command in backticks begins that a cut would divide, 0 if there is none."""
    is_open = text.count("`", 0, at) % 2 == 1 and "`" in text[at:]
    return text.rfind("`", 0, at) if is_open else 0


def printable(text: str) -> str:
    """Take the control characters out: details quote what a checked server said."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def roughly(seconds: float) -> str:
    """Return a span of time that changes seldom: whole seconds, then minutes, then hours."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def moment(at: float, now: float) -> str:
    """Return a Unix time in UTC: the clock, before it the date if that is another one than that of `now`."""
    day, today = (time.strftime("%Y-%m-%d", time.gmtime(each)) for each in (at, now))
    return time.strftime("%H:%M:%S" if day == today else "%Y-%m-%d %H:%M:%S", time.gmtime(at))
