"""Sockets of this network namespace, as /proc/net lists them."""

import os
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from sidecar.core.address import Address
from sidecar.core.wire.advert import PROTOCOL
from sidecar.doctor.evidence import Listening, Speaker
from sidecar.doctor.problem import Unseen

_NET: Final = Path("/proc/net")
_PROC: Final = Path("/proc")
_LISTEN: Final = "0A"
_LOCAL, _STATE, _INODE = 1, 3, 9


def read_listening(folder: Path = _NET) -> tuple[Listening, ...] | Unseen:
    """Return the TCP sockets that listen. Needs no capability."""
    found = []
    try:
        for name in ("tcp", "tcp6"):
            for words in _rows(folder / name):
                if words[_STATE] == _LISTEN:
                    address, _, port = words[_LOCAL].partition(":")
                    found.append(Listening(_address(address), int(port, 16)))
    except OSError as error:
        return Unseen(f"the sockets that listen cannot be read: {error.strerror}")
    return tuple(found)


def vrrp_sockets(folder: Path = _NET) -> frozenset[int]:
    """Return the inodes of the raw sockets of VRRP. Raises OSError."""
    return frozenset(
        int(words[_INODE])
        for name in ("raw", "raw6")
        for words in _rows(folder / name)
        if int(words[_LOCAL].rpartition(":")[2], 16) == PROTOCOL
    )


def read_speakers(
    router: int | None, folder: Path = _NET, proc: Path = _PROC
) -> tuple[Speaker, ...] | Unseen:
    """Return the VRRP sockets that are not those of the sidecar.

    `router` is the id of the process that has the sidecar's; None: none runs. It must be seen to have some,
    for else the id is that of another namespace.
    """
    try:
        sockets = vrrp_sockets(folder)
        ours = frozenset() if router is None else _of_process(proc / str(router))
    except OSError as error:
        why = str(error.strerror or error).lower()
        return Unseen(f"VRRP sockets of others cannot be told from the sidecar's: {why}")
    if router is not None and sockets and not sockets & ours:
        return Unseen(
            f"VRRP sockets of others cannot be told from the sidecar's: process {router} is not "
            "seen to have one"
        )
    strange = sockets - ours
    owners = dict(_owners(strange, proc)) if strange else {}
    return tuple(Speaker(inode, *owners.get(inode, (None, ""))) for inode in sorted(strange))


def _rows(file: Path) -> Iterator[list[str]]:
    if file.exists():
        for line in file.read_text(encoding="ascii").splitlines()[1:]:
            yield line.split()


def _address(text: str) -> Address:
    """Return an address as the kernel prints it: words of 32 bits, each in the order of this machine."""
    words = (int(text[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(text), 8))
    packed = b"".join(words)
    return IPv4Address(packed) if len(packed) == 4 else IPv6Address(packed)  # noqa: PLR2004


def _of_process(process: Path) -> frozenset[int]:
    """Return the inodes of the sockets of a process. Raises OSError."""
    found = set()
    for name in os.listdir(process / "fd"):  # noqa: PTH208 - names alone
        try:
            target = os.readlink(process / "fd" / name)  # noqa: PTH115 - it is no path
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            found.add(int(target[len("socket:[") : -1]))
    return frozenset(found)


def _owners(inodes: frozenset[int], proc: Path) -> Iterator[tuple[int, tuple[int, str]]]:
    """Yield which process has each socket, as far as it can be seen from here."""
    for process in proc.iterdir():
        if not process.name.isdigit():
            continue
        try:
            held = _of_process(process) & inodes
            name = (process / "comm").read_text(errors="replace").strip() if held else ""
        except OSError:
            continue
        yield from ((inode, (int(process.name), name)) for inode in held)
