"""Output on whatever the verb was started with: any terminal, any locale, or none at all."""

import os
import sys


def has_colors() -> bool:
    """Whether stdout is a terminal, and nobody has set NO_COLOR."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def reader_is_gone() -> None:
    """Write nowhere from now on: the reader of stdout has gone, and Python would complain at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def speak_anywhere() -> None:
    r"""Let no character end the process: what the locale cannot show is shown as an escape (`\u0445`)."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # started with a closed descriptor
            stream = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
            setattr(sys, name, stream)
        stream.reconfigure(errors="backslashreplace")
