"""The commit of the core and the machine, as results name them."""

import hashlib
import os
import platform
import subprocess
from pathlib import Path
from typing import Final

from bench.contest.results import About

ROOT: Final = Path(__file__).resolve().parents[2]
_CORE: Final = "sidecar"
_GIB: Final = 1 << 20


def about() -> About:
    """Return what this run is made with."""
    return About(core(), machine())


def core() -> str:
    """Return the commit that changed the sidecar last; what is not committed adds its digest."""
    changes = _git("diff", "HEAD", "--", _CORE)
    digest = f"+{hashlib.sha256(changes.encode()).hexdigest()[:8]}" if changes else ""
    return _git("log", "-1", "--abbrev=10", "--format=%h", "--", _CORE).strip() + digest


def machine() -> str:
    """Return processors, memory, kernel and interpreter, but no name."""
    pairs = (line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines())
    model = next(
        (value.strip() for key, _, value in pairs if key.strip() == "model name"), platform.machine()
    )
    total = next(
        line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")
    )
    memory = f"{round(int(total.split()[1]) / _GIB)} GiB"
    kernel = platform.release().partition("-")[0]
    processors = f"{model}, {os.cpu_count()} processors, {memory}"
    return f"{processors}, Linux {kernel}, Python {platform.python_version()}"


def _git(*words: str) -> str:
    argv = ["git", *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603 - git
