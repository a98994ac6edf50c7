"""One process as /proc shows it (proc_pid_stat(5)), for checks and for the fork server."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ZOMBIE: Final = "Z"
_GONE: Final = "X"


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `start` is in clock ticks since boot and tells users of one pid apart.

    `state` is that of its first thread.
    """

    pid: int
    comm: str
    state: str
    parent: int
    group: int
    threads: int
    start: int

    @property
    def lives(self) -> bool:
        """Whether it can still do something: a zombie cannot, unless only its first thread has ended."""
        return self.state != _GONE and (self.state != _ZOMBIE or self.threads > 1)


def read(pid: int) -> Process | None:
    """Return the process, or None when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name is in parentheses and may contain anything, parentheses too.
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    return Process(
        pid=pid,
        comm=head.partition("(")[2],
        state=fields[0],
        parent=int(fields[1]),
        group=int(fields[2]),
        threads=int(fields[17]),
        start=int(fields[19]),
    )
