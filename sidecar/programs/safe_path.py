"""Whether a program may be run on our behalf: only root can have put it there or change it.

Asked when the configuration is loaded, and again before each run, by a process that imports nothing
else: keep this free of imports.
"""

import os
import stat
from pathlib import Path

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class UnsafeProgramError(Exception):
    """Why a program must not be run, with the way to mend it."""


def safe_path(path: str) -> str:
    """Return the path with all links resolved.

    Raise UnsafeProgramError unless the file and every folder above it belong to root and nobody else
    can write to them, OSError when that cannot be found out.
    """
    real = Path(path).resolve(strict=True)
    info = real.stat()
    if not stat.S_ISREG(info.st_mode):
        raise UnsafeProgramError(f"{real} is no regular file; name a program")
    if not info.st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH):
        raise UnsafeProgramError(f"{real} is not executable; `chmod 755 {real}` mends it")
    for each in (real, *real.parents):
        owner, mode = (found := os.lstat(each)).st_uid, found.st_mode
        if owner != 0:
            raise UnsafeProgramError(f"{each} belongs to uid {owner}; it must belong to root")
        if mode & _OTHERS_WRITE:
            raise UnsafeProgramError(
                f"{each} can be written by others than root; `chmod go-w {each}` mends it"
            )
    return str(real)
