"""Output on whatever the verb was started with: any terminal, any locale, or none at all."""

import errno
import os
import sys

_TAKES_NOTHING = {errno.EAGAIN, errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC}
"""Errors of a full disk, a terminal that is gone, a pipe that nobody empties."""


def has_colors() -> bool:
    """Whether stdout is a terminal, and nobody has set NO_COLOR."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def reader_is_gone() -> None:
    """Write nowhere from now on: the reader of stdout has gone, and Python would complain at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def takes_nothing(error: OSError) -> bool:
    """Whether the place of our output refused it. Errors of files that we open ourselves have a name."""
    return error.filename is None and error.errno in _TAKES_NOTHING


def speak_anywhere() -> None:
    r"""Let no character end the process: what the locale cannot show is shown as an escape (`\u0445`)."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # started with a closed descriptor
            stream = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
            setattr(sys, name, stream)
        stream.reconfigure(errors="backslashreplace")
