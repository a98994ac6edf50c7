"""Text for people: spans of time, lines of a width, texts of others that cannot move a cursor. Pure."""

import re
import time
from typing import Final

_DAY, _HOUR, _MINUTE = 86400, 3600, 60
_WORD: Final = re.compile(r"(?:`[^`]*`|[^ ])+")
"""A word, or what stands in backticks with its spaces, and the punctuation around it."""
_SETTING: Final = re.compile(r"[^`]*`[^` ]+: ")
"""The beginning of a line of the configuration, such as `preempt: false`."""


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


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Return the lines of a text, at most `width` columns each; `first` and `rest` stand before them.

    What is in backticks is never divided, however long: it is to be copied. A command that does not fit
    behind the words before it has a line of its own.
    """
    lines, begun = [first], False
    for word in _WORD.findall(text):
        if len(lines[-1]) + begun + len(word) <= width:
            lines[-1] += f" {word}" if begun else word
            begun = True
            continue
        if begun:
            lines.append(rest)
        if " " not in word:
            lines[-1:] = _divided_word(word, width, lines[-1], rest)
        else:
            lines[-1] += word
        begun = " " not in word or bool(_SETTING.match(word))
        if not begun:
            lines.append(rest)
    return lines if begun or len(lines) == 1 else lines[:-1]


def _divided_word(word: str, width: int, first: str, rest: str) -> list[str]:
    """Return the lines of one word, which may be longer than the width."""
    lines = [first]
    while len(lines[-1]) + len(word) > width:
        room = max(1, width - len(lines[-1]))
        lines[-1], word = lines[-1] + word[:room], word[room:]
        lines.append(rest)
    return [*lines[:-1], lines[-1] + word]


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
