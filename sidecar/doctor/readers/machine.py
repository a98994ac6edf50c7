"""The machine: its vendor, Wi-Fi, user namespace, and whether its clock is set by somebody."""

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

from sidecar.doctor.evidence import Platform
from sidecar.doctor.problem import Unseen

_SYS: Final = Path("/sys")
_UID_MAP: Final = Path("/proc/self/uid_map")
_EVERYBODY: Final = ["0", "0", "4294967295"]
_TIMEX: Final = 256
"""Bytes that are enough for a struct timex."""
_STATUS_AT: Final = 5 * ctypes.sizeof(ctypes.c_long)
"""Offset of its status: behind modes (padded), offset, freq, maxerror and esterror."""
_STA_UNSYNC: Final = 0x40


def read_platform(root: Path = _SYS, uid_map: Path = _UID_MAP) -> Platform:
    """Return what the files say; what is not there is unknown. Needs no capability."""
    wireless = [folder.parent.name for folder in root.glob("class/net/*/wireless")]
    return Platform(
        vendor=_line(root / "class/dmi/id/sys_vendor"),
        product=_line(root / "class/dmi/id/product_name"),
        wireless=frozenset(wireless),
        rootless=_line(uid_map).split() not in ([], _EVERYBODY),
    )


def read_clock() -> bool | Unseen:
    """Return whether the kernel's clock is synchronised. Reading needs no capability."""
    timex = ctypes.create_string_buffer(_TIMEX)
    # No mode is set, so nothing is changed.
    if ctypes.CDLL(None, use_errno=True).adjtimex(timex) < 0:
        return Unseen(f"the state of the clock cannot be read: {os.strerror(ctypes.get_errno())}")
    status = int.from_bytes(timex.raw[_STATUS_AT : _STATUS_AT + 4], sys.byteorder)
    return not status & _STA_UNSYNC


def _line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
