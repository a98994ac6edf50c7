"""Whether the configuration is mounted as a single file: then its replacement is not seen.

A bind mount of a file is bound to that very file. Editors and deployment tools write a new file and rename it
over the old one, and the container keeps the old one until it is restarted. A mounted folder shows both.
"""

import os
from pathlib import Path
from typing import Final

_MOUNTS: Final = Path("/proc/self/mountinfo")
_POINT_AT: Final = 4
_ESCAPED: Final = {r"\040": " ", r"\011": "\t", r"\012": "\n", r"\134": "\\"}
"""Escapes of the kernel for letters that would break the table (proc_pid_mountinfo(5))."""


def mounted_alone(path: Path | None) -> tuple[str, ...]:
    """Return a warning if this file, or what it points at, is a mount of its own."""
    if path is None:
        return ()
    file = os.path.realpath(path)
    try:
        points = {_unescaped(line.split()[_POINT_AT]) for line in _mounts() if len(line.split()) > _POINT_AT}
        alone = file in points and not Path(file).is_dir()
    except OSError:
        return ()
    if not alone:
        return ()
    warning = (
        f"warning[mounted-file]: {path} is mounted as a single file: when it is replaced, as editors and "
        "deployment tools do, this container goes on reading the old one until it is restarted; mount the "
        f"folder that it is in ({Path(file).parent})"
    )
    return (warning,)


def _mounts() -> list[str]:
    return _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()


def _unescaped(text: str) -> str:
    for code, letter in _ESCAPED.items():
        text = text.replace(code, letter)
    return text
