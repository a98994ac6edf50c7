"""A control group of our own in which memory runs out, of either version of control groups (cgroups(7))."""

import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_ROOT: Final = Path("/sys/fs/cgroup")
_V1: Final = _ROOT / "memory"


class MemoryLimit:
    """Use as a context manager: processes that are moved in share so many bytes, without swap."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._new = (_ROOT / "cgroup.controllers").exists()
        self.folder = (_ROOT if self._new else _V1) / f"vip-sidecar-{os.getpid()}"

    def __enter__(self) -> Self:
        if self._new:
            (_ROOT / "cgroup.subtree_control").write_text("+memory")
        self.folder.mkdir()
        limits = ("memory.max", "memory.swap.max") if self._new else ("memory.limit_in_bytes",)
        for name in limits:
            (self.folder / name).write_text("0" if "swap" in name else str(self._size))
        if not self._new:
            with suppress(OSError):  # a kernel that does not count swap
                (self.folder / "memory.memsw.limit_in_bytes").write_text(str(self._size))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pid in (self.folder / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):  # it ended meanwhile
                (self.folder.parent / "cgroup.procs").write_text(pid)
        ends = time.monotonic() + 10
        while True:
            try:
                self.folder.rmdir()
            except OSError:  # one that was killed is still there
                if time.monotonic() > ends:
                    raise
                time.sleep(0.05)
            else:
                return

    def move(self, pid: int) -> None:
        """Have what a process takes from now on counted here. ProcessLookupError: there is none."""
        (self.folder / "cgroup.procs").write_text(str(pid))

    @property
    def killed(self) -> int:
        """Processes that the kernel has killed here because memory ran out."""
        name = "memory.events" if self._new else "memory.oom_control"
        words = (line.split() for line in (self.folder / name).read_text().splitlines())
        return sum(int(count) for what, count in words if what == "oom_kill")
