"""How many rows of a terminal a line takes: colours take no room, wide letters two columns."""

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import category, east_asian_width

from sidecar.cli.table_text import PLAIN

_PIECE: Final = re.compile(r"\x1b\[[0-9;]*m|.", re.DOTALL)
_NO_ROOM: Final = frozenset({"Mn", "Me", "Cf", "Cc"})
"""Categories of what stands on another letter, or is not seen (Unicode, UAX #44)."""


def rows_of(line: str, columns: int) -> int:
    """Return the rows that a line takes, at least one."""
    return max((row for _, row in _placed(line, columns)), default=0) + 1


def cut(line: str, columns: int, rows: int) -> str:
    """Return the beginning of a line that takes no more than so many rows."""
    if rows_of(line, columns) <= rows:
        return line
    kept = "".join(piece for piece, row in _placed(line, columns) if row < rows)
    return kept + PLAIN if "\x1b" in kept else kept


def _placed(line: str, columns: int) -> Iterator[tuple[str, int]]:
    """Yield each letter and each change of colour with its row, from 0. A letter is on one row as a whole."""
    row = used = 0
    for piece in _PIECE.findall(line):
        width = _width(piece)
        if used + width > columns and used:
            row, used = row + 1, 0
        used += width
        yield piece, row


def _width(piece: str) -> int:
    """Return the columns of one letter (UAX #11), 0 of a change of colour."""
    if len(piece) > 1 or category(piece) in _NO_ROOM:
        return 0
    return 2 if east_asian_width(piece) in ("W", "F") else 1
