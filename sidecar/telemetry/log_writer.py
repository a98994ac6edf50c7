"""Log lines out of the process without ever waiting for whoever reads them.

Callers put lines into a bounded queue; one thread writes. When nobody reads the pipe, the queue
fills, further lines are dropped and counted, and the count is written once there is room again.
"""

import os
import select
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

_CHUNK: Final = 64 * 1024


class LogWriter:
    """Writes lines to a duplicate of `fd`, so that closing stdout elsewhere takes nothing from it.

    `notice` makes the line that tells how many lines were dropped since the last such line.
    """

    def __init__(self, fd: int, notice: Callable[[int], str], capacity: int = 10_000) -> None:
        self._fd = os.dup(fd)
        self._notice = notice
        self._capacity = capacity
        # SimpleQueue never blocks a put and is safe in signal handlers; it has no bound of its own.
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._dropped = 0
        self._lost = 0
        self._told = 0
        self._counting = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Lines that were not written: no room in the queue, or the output was gone."""
        return self._dropped + self._lost

    def admit(self) -> bool:
        """Say whether there is room for a line; if not, it counts as dropped."""
        if not self._closed and self._lines.qsize() < self._capacity:
            return True
        with self._counting:
            self._dropped += 1
        return False

    def put(self, line: str) -> None:
        """Queue one line, without its newline. Never blocks."""
        if self.admit():
            self._lines.put(line)

    def close(self, deadline: float = 0.2) -> None:
        """Write what is queued, for at most `deadline` seconds. Lines put later are dropped."""
        if self._closed:
            return
        self._closed = True
        self._lines.put(None)
        # A thread that still hangs in a blocked pipe is a daemon and ends with the process.
        self._thread.join(deadline)

    def _run(self) -> None:
        last = False
        while not last:
            lines, last = self._take()
            if dropped := self._dropped - self._told:
                self._told += dropped
                lines.append(self._notice(dropped))
            if lines:
                self._write(lines)
        os.close(self._fd)

    def _take(self) -> tuple[list[str], bool]:
        """Return at least one line and what else is there, up to a chunk; and whether it was the end."""
        lines: list[str] = []
        size = 0
        try:
            line = self._lines.get()
            while line is not None:
                lines.append(line)
                size += len(line)
                if size >= _CHUNK:
                    return lines, False
                line = self._lines.get_nowait()
        except Empty:
            return lines, False
        return lines, True

    def _write(self, lines: list[str]) -> None:
        data = memoryview("".join(line + "\n" for line in lines).encode(errors="replace"))
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                # Somebody who shares the pipe made it non-blocking.
                select.select([], [self._fd], [], 1.0)
            except OSError:
                self._lost += len(lines)
                # The reader is gone for good; do not spin on it.
                time.sleep(0.01)
                return
