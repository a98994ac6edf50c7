"""The files that a configuration refers to: included ones and scripts, this host's or copies of another's."""

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

MAX_BYTES = 1 << 20
"""Size of the largest file that is read: 1 MiB."""

USUAL: Final = "/etc/keepalived/"
"""Folder of keepalived.conf, and of scripts that are often copied together with it."""


class Files(Protocol):
    """Reads what stands on the host that keepalived runs on, as far as it is here."""

    def read(self, path: str) -> str | None:
        """Return the text of a file, or None if it is not here, unreadable or too large."""

    def matches(self, pattern: str) -> Sequence[str]:
        """Return the paths that a pattern stands for, sorted."""

    def beside(self, file: str) -> "Files":
        """Return the same where a keepalived.conf lies here with what was copied with it."""


class HostFiles:
    """The files below a folder, `/` for this host's own.

    `copied`: a folder that stands for the host's /etc/keepalived, as far as it has the files.
    """

    def __init__(self, root: Path = Path("/"), copied: Path | None = None) -> None:
        self._root = root
        self._copied = copied

    def read(self, path: str) -> str | None:
        """See Files."""
        try:
            copy = self._copy(path)
            with (copy if copy and copy.exists() else self._here(path)).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (OSError, ValueError):
            return None
        return None if len(content) > MAX_BYTES else as_text(content)

    def matches(self, pattern: str) -> Sequence[str]:
        """See Files."""
        copy = self._copy(pattern)
        return (copy and _matches(copy)) or [self._there(path) for path in _matches(self._here(pattern))]

    def beside(self, file: str) -> "HostFiles":
        """See Files."""
        return HostFiles(self._root, Path(file).parent)

    def _copy(self, path: str) -> Path | None:
        if self._copied is None or not path.startswith(USUAL):
            return None
        return self._copied / path.removeprefix(USUAL)

    def _here(self, path: str) -> Path:
        return self._root / path.lstrip("/") if path.startswith("/") else Path(path)

    def _there(self, path: str) -> str:
        if self._root != Path("/") and Path(path).is_relative_to(self._root):
            return f"/{Path(path).relative_to(self._root)}"
        return path


class NoFiles:
    """Nothing is here."""

    def read(self, path: str) -> str | None:  # noqa: ARG002 - a form of Files
        """See Files."""
        return None

    def matches(self, pattern: str) -> Sequence[str]:  # noqa: ARG002 - a form of Files
        """See Files."""
        return ()

    def beside(self, file: str) -> "NoFiles":  # noqa: ARG002 - a form of Files
        """See Files."""
        return self


def _matches(pattern: Path) -> list[str]:
    try:
        found = sorted(glob.glob(str(pattern)))  # noqa: PTH207 - absolute patterns
    except (OSError, ValueError):
        return []
    return [path for path in found if Path(path).is_file()]


def as_text(content: bytes) -> str:
    """Return text whatever its encoding: comments in GBK or Latin-1 must stop nobody."""
    return content.decode("utf-8-sig", "replace").replace("\0", "\ufffd")
