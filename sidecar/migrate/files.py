"""The files that a configuration refers to: included ones and scripts, this host's or copies of another's."""

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

MAX_BYTES = 1 << 20
"""Size of the largest file that is read: 1 MiB."""


class Files(Protocol):
    """Reads what stands on the host that keepalived runs on, as far as it is here."""

    def read(self, path: str) -> str | None:
        """Return the text of a file, or None if it is not here, unreadable or too large."""

    def matches(self, pattern: str) -> Sequence[str]:
        """Return the paths that a pattern stands for, sorted."""


class HostFiles:
    """The files below a folder, `/` for this host's own."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def read(self, path: str) -> str | None:
        """See Files."""
        try:
            with self._here(path).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (OSError, ValueError):
            return None
        return None if len(content) > MAX_BYTES else as_text(content)

    def matches(self, pattern: str) -> Sequence[str]:
        """See Files."""
        try:
            found = sorted(glob.glob(str(self._here(pattern))))  # noqa: PTH207 - absolute patterns
        except (OSError, ValueError):
            return ()
        return [self._there(path) for path in found if Path(path).is_file()]

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


def as_text(content: bytes) -> str:
    """Return text whatever its encoding: comments in GBK or Latin-1 must stop nobody."""
    return content.decode("utf-8-sig", "replace").replace("\0", "\ufffd")
