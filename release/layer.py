"""One layer from the files of a container, the same bytes whenever and by whomever it is built.

What a build leaves by chance is taken out: order, times, names of owners, logs, caches, and what
the engine puts in.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

LEFT_OUT: Final = (
    ".dockerenv",
    "dev/*",
    "etc/.pwd.lock",
    "etc/*-",
    "etc/hostname",
    "etc/hosts",
    "etc/machine-id",
    "etc/mtab",
    "etc/resolv.conf",
    "proc/*",
    "run/*",
    "sys/*",
    "tmp/*",
    "var/cache/ldconfig/*",
    "var/lib/dpkg/*-old",
    "var/log/*",
)
"""Patterns of paths that do not go into an image. A folder's contents match, the folder itself stays."""
KEPT: Final = ("run/vip-sidecar",)
_LIBRARY: Final = "usr/lib/python3"
"""Python's own library: its bytecode is compared with the times of its sources, which are the package's."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A tar on disk. `size` in bytes."""

    file: Path
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the container, and its content if it has one."""

    info: tarfile.TarInfo
    content: bytes | None


def left_out(path: str) -> bool:
    """Whether a path, without leading slash, is not part of an image."""
    pure = PurePosixPath(path)
    if path in KEPT:
        return False
    return any(_below(pure, pattern) for pattern in LEFT_OUT)


def _below(path: PurePosixPath, pattern: str) -> bool:
    parts = PurePosixPath(pattern).parts
    return len(path.parts) >= len(parts) and PurePosixPath(*path.parts[: len(parts)]).match(pattern)


def entries(exported: IO[bytes]) -> Iterator[Entry]:
    """Read `docker export`. Raise tarfile.TarError for anything else."""
    with tarfile.open(fileobj=exported, mode="r|") as archive:
        for info in archive:
            if not left_out(info.name.rstrip("/")):
                file = archive.extractfile(info) if info.isreg() else None
                yield Entry(info, file.read() if file else None)


def write(found: Iterator[Entry], epoch: int, file: Path) -> Layer:
    """Write the layer. No file in it is younger than `epoch`, seconds since 1970."""
    known = sorted(found, key=lambda each: each.info.name)
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as archive:
        for entry in known:
            content = io.BytesIO(entry.content) if entry.content is not None else None
            archive.addfile(_plain(entry.info, epoch), content)
    with file.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return Layer(file, f"sha256:{digest}", file.stat().st_size)


def _plain(info: tarfile.TarInfo, epoch: int) -> tarfile.TarInfo:
    plain = tarfile.TarInfo(info.name.rstrip("/"))
    plain.type, plain.linkname, plain.mode = info.type, info.linkname, info.mode
    plain.uid, plain.gid = info.uid, info.gid
    plain.size = info.size if info.isreg() else 0
    plain.devmajor, plain.devminor = info.devmajor, info.devminor
    mtime = int(info.mtime)
    plain.mtime = mtime if info.name.startswith(_LIBRARY) and info.name.endswith(".py") else min(mtime, epoch)
    return plain
