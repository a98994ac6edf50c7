"""A drain on the disk, so that it outlasts kill -9 and a restart of the host.

The observer writes it; the next sidecar's configuration child reads it before there is a router.
"""

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from typing import Final

from sidecar.clock import clock
from sidecar.core.health.drain_events import DrainAsked

NAME: Final = "drain"
_MOST: Final = 4096
_LATEST: Final = 1e11
"""Unix seconds, some thousand years from now."""


@dataclass(frozen=True, slots=True)
class Drained:
    """A drain: since when and until when, in Unix seconds (None: without an end), and who wanted it."""

    since: float
    until: float | None
    by: str

    def left(self, wall: float) -> float:
        """Return for how many seconds it goes on; 0: it is over. It is never longer than it was meant to be.

        So a host whose clock is wrong after a start is not drained for years.
        """
        if self.until is None:
            return inf
        return max(0.0, min(self.until - self.since, self.until - wall))

    @property
    def why(self) -> str:
        """A sentence for people."""
        if self.until is None:
            return f"drained by {self.by} until it is taken back"
        return f"drained by {self.by} until {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(self.until))} UTC"

    def asked(self, wall: float) -> DrainAsked:
        """Return what the router is told at this Unix time."""
        return DrainAsked(clock() + self.left(wall), self.why)


def read(folder: Path) -> Drained | None:
    """Return the drain of a folder, None if there is none. Raises OSError, or ValueError: it is damaged."""
    try:
        with (folder / NAME).open("rb") as file:
            data = file.read(_MOST)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fields = json.loads(data)
        until = None if fields["until"] is None else float(fields["until"])
        found = Drained(float(fields["since"]), until, str(fields["by"]))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError(f"{folder / NAME} is damaged; remove it, and drain again") from error
    # No calendar has a year for numbers beyond, and no comparison is true of NaN.
    if not all(abs(moment) < _LATEST for moment in (found.since, found.until or 0.0)):
        raise ValueError(f"{folder / NAME} is damaged; remove it, and drain again")
    return found


def write(folder: Path, drained: Drained) -> None:
    """Keep a drain: the old file or the new one is there at any moment. Raises OSError."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = folder / f"{NAME}.new"
    # Readable by all: the configuration child may be another user than the one that writes.
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        os.fchmod(file, 0o644)
        os.write(file, json.dumps(asdict(drained)).encode())
        os.fdatasync(file)
    finally:
        os.close(file)
    new.replace(folder / NAME)
    _sync(folder)


def remove(folder: Path) -> None:
    """Keep none any more. Raises OSError."""
    with suppress(FileNotFoundError, NotADirectoryError):
        (folder / NAME).unlink()
        _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
