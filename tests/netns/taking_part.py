"""When a sidecar takes part in the election, by its log."""

import time
from pathlib import Path

_WITHIN = 5.0
"""Seconds within which a sidecar takes part, on a busy machine too."""


def size(log: Path) -> int:
    """Return how many bytes a log has."""
    return log.stat().st_size if log.exists() else 0


def await_part(log: Path, written: int) -> None:
    """Wait until a sidecar takes part: its sockets are there before the first verdicts of its checks are.

    Not for ever: one that adopts a lease has no such transition.
    """
    deadline = time.monotonic() + _WITHIN
    while log.name == "sidecar.log" and time.monotonic() < deadline:
        with log.open("rb") as lines:
            lines.seek(written)
            if b'"from": "INIT"' in lines.read():
                return
        time.sleep(0.01)
