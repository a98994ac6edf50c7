"""Showing something again and again: redrawn on a terminal, one after the other in a pipe."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.streams import reader_is_gone

EVERY: Final = 1.0
"""Seconds between two looks."""
_FIRST: Final = "\x1b[H\x1b[2J"
"""To the first line, and everything away."""
_AGAIN: Final = "\x1b[H"
_REST_OF_LINE: Final = "\x1b[K"
_REST_OF_SCREEN: Final = "\x1b[J"

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
            sys.stdout.write(screen(text, shutil.get_terminal_size().lines, before) if terminal else text)
            sys.stdout.flush()
            before = _AGAIN
            time.sleep(every)
    except KeyboardInterrupt:
        return code
    except BrokenPipeError:
        reader_is_gone()
        return code


def screen(text: str, rows: int, before: str = _AGAIN) -> str:
    """Return what draws a text over the one before. A long one lacks its middle: the verdict is last."""
    lines = text.splitlines()
    room = max(3, rows - 1)  # the cursor has the last line
    if len(lines) > room:
        top = room // 2
        bottom = room - top - 1
        left_out = f"... {len(lines) - top - bottom} lines more in a higher window ..."
        lines = [*lines[:top], left_out, *lines[-bottom:]]
    return before + "".join(f"{line}{_REST_OF_LINE}\n" for line in lines) + _REST_OF_SCREEN
