"""The file of a pool: replaced as a whole or not at all."""

import contextlib
import errno
import glob
import os
import tempfile
from pathlib import Path
from typing import Final

_MODE: Final = 0o644
_NEW: Final = ".new"
_MOST: Final = 1 << 20


class PoolFile:
    """One path. Every method raises OSError, with a text that says how to mend it where that is known."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sweep(self) -> None:
        """Remove what an earlier life left half written."""
        target = Path(os.path.realpath(self.path))
        for leftover in target.parent.glob(f".{glob.escape(target.name)}.*{_NEW}"):
            leftover.unlink(missing_ok=True)

    def read(self) -> bytes | None:
        """Return the content, None if there is no file."""
        try:
            with self.path.open("rb") as file:
                return file.read(_MOST)
        except FileNotFoundError:
            return None

    def write(self, content: bytes) -> None:
        """Replace the content. A reader sees the old or the new one; after a power cut, too."""
        # A link stays a link: what it points to is replaced.
        target = Path(os.path.realpath(self.path))
        # The name does not match `include pools/*.conf`: nginx never loads it.
        handle, temporary = _beside(target)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), _mode(target))
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _rename(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108 - mkstemp gives a text
            raise
        _flush(target.parent)

    def restore(self, content: bytes | None) -> None:
        """Put back what `read` returned."""
        if content is None:
            self.path.unlink(missing_ok=True)
        else:
            self.write(content)


def _beside(target: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(prefix=f".{target.name}.", suffix=_NEW, dir=target.parent)
    except PermissionError as error:
        detail = f"permission denied: `chown {os.geteuid()} {target.parent}` mends it"
        raise PermissionError(error.errno, detail, str(target)) from error


def _rename(temporary: str, target: Path) -> None:
    try:
        os.rename(temporary, target)  # noqa: PTH104 - mkstemp gives a text
    except OSError as error:
        if error.errno == errno.EBUSY:
            detail = "it is a mount of its own and cannot be replaced: mount its folder instead"
            raise OSError(error.errno, detail, str(target)) from error
        raise


def _mode(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        return _MODE


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
