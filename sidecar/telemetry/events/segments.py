"""Two files of records: the newer one grows, and when it is full it takes the place of the older one."""

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from sidecar.telemetry.events.framing import Found, found, framed

SEGMENT: Final = 448 * 1024
"""Most bytes of one file: both and a drain have room in a file system of 1 MiB."""
_NEW: Final = "events"
_OLD: Final = "events.old"


class FolderInUse(OSError):  # noqa: N818 - it is a state of affairs
    """Another sidecar keeps its events in this folder."""


class Segments:
    """The files of one folder, for one thread. Every method but `close` raises OSError."""

    def __init__(self, folder: Path, segment: int = SEGMENT) -> None:
        self._folder = folder
        self._segment = segment
        self._lock: int | None = None
        self._file: int | None = None
        self._size = 0

    def open(self) -> Found:
        """Make the folder if need be, keep others out of it, and return what is there. Raises FolderInUse."""
        self.close()
        self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _claim(lock)
            there = _read(self._folder / _OLD) + _read(self._folder / _NEW)
            self._open_new()
        except OSError:
            os.close(lock)
            raise
        self._lock = lock
        return there

    def append(self, records: Sequence[bytes]) -> None:
        """Write records to the disk, all or none; together less than a file may hold."""
        data = b"".join(map(framed, records))
        if self._file is None or not self._is_there(self._file):
            self._open_new()
        if self._size and self._size + len(data) > self._segment:
            (self._folder / _NEW).replace(self._folder / _OLD)
            self._open_new()
        if self._file is not None:
            self._write(self._file, data)

    def close(self) -> None:
        """Let go of the files."""
        for descriptor in (self._file, self._lock):
            if descriptor is not None:
                os.close(descriptor)
        self._file = self._lock = None

    def _open_new(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(self._folder / _NEW, flags, 0o600)
        self._file, self._size = file, os.fstat(file).st_size
        if self._size and os.pread(file, 1, self._size - 1) != b"\n":
            # The last record was torn: what comes must begin on a line of its own.
            self._write(file, b"\n")

    def _write(self, file: int, data: bytes) -> None:
        try:
            written = 0
            while written < len(data):
                written += os.write(file, data[written:])
            os.fdatasync(file)
        except OSError:
            # Where the disk is full a part may have found room.
            with suppress(OSError):
                os.ftruncate(file, self._size)
            raise
        self._size += len(data)

    def _is_there(self, file: int) -> bool:
        """Whether the file that is open is still the one in the folder: somebody may have removed it."""
        try:
            there = (self._folder / _NEW).lstat()
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(file))


def _claim(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FolderInUse(error.errno, "another vip-sidecar keeps its events there") from error


def _read(path: Path) -> Found:
    try:
        # Only our own files grow that large; whatever else is there is not read to its end.
        with path.open("rb") as file:
            return found(file.read(2 * SEGMENT))
    except FileNotFoundError:
        return Found()
