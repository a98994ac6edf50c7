"""Showing something again and again: redrawn on a terminal, one after the other in a pipe."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.streams import reader_is_gone
from sidecar.cli.wrapped_line import cut, rows_of

EVERY: Final = 1.0
"""Seconds between two looks."""
_FIRST: Final = "\x1b[H\x1b[2J"
"""To the first line, and everything away."""
_AGAIN: Final = "\x1b[H"
_REST_OF_LINE: Final = "\x1b[K"
_REST_OF_SCREEN: Final = "\x1b[J"
_LEAST: Final = 3
"""Rows that are drawn in the lowest window."""

Look = Callable[[], tuple[int, str]]
"""Returns the exit code of what is so now, and the text that says it, with its last newline."""


def watch(look: Look, every: float) -> int:
    """Show it until somebody interrupts or the reader of the pipe goes.

    Return the exit code of the last look, 3 if it was interrupted before there was an answer.
    """
    code = exit_codes.UNREACHABLE
    terminal = sys.stdout.isatty()
    before = _FIRST
    try:
        while True:
            code, text = look()
            sys.stdout.write(screen(text, shutil.get_terminal_size(), before) if terminal else text)
            sys.stdout.flush()
            before = _AGAIN
            time.sleep(every)
    except KeyboardInterrupt:
        return code
    except BrokenPipeError:
        reader_is_gone()
        return code


def screen(text: str, size: os.terminal_size, before: str = _AGAIN) -> str:
    """Return what draws a text over the one before. A long one lacks its middle: the verdict is last."""
    columns, lines = size.columns, text.splitlines()
    room = max(_LEAST, size.lines - 1)  # the cursor has the last row
    if sum(rows_of(line, columns) for line in lines) > room:
        below = room - room // 2 - 1
        top = _that_fit(lines[:-1], room // 2, columns)
        last = cut(lines[-1], columns, below)
        bottom = [last, *reversed(lines[top:-1])]
        bottom = bottom[: _that_fit(bottom, below, columns)]
        more = len(lines) - top - len(bottom)
        left_out = [cut(f"... {more} lines more in a higher window ...", columns, 1)] if more else []
        lines = [*lines[:top], *left_out, *reversed(bottom)]
    return before + "".join(f"{line}{_end(line, columns)}\n" for line in lines) + _REST_OF_SCREEN


def _that_fit(lines: Iterable[str], room: int, columns: int) -> int:
    """Return how many of the first lines have no more than so many rows."""
    fit = 0
    for line in lines:
        room -= rows_of(line, columns)
        if room < 0:
            break
        fit += 1
    return fit


def _end(line: str, columns: int) -> str:
    """Return what erases the rest of a row, if there is any: at its end that would erase the last letter."""
    return "" if rows_of(line, columns) < rows_of(line + " ", columns) else _REST_OF_LINE
