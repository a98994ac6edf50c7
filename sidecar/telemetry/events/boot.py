"""The kernel's name for the time since this host was booted: it tells whose `moment` can be compared."""

from pathlib import Path
from typing import Final

_FILE: Final = Path("/proc/sys/kernel/random/boot_id")


def boot_id(file: Path = _FILE) -> str:
    """Return it, "" where the kernel does not tell."""
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
