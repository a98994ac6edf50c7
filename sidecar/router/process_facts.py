"""Facts about this process, for the status."""

import os
from contextlib import suppress

from sidecar import memory_lock, privileges
from sidecar.channel.down import RouterProcess


class ProcessFacts:
    """Remembers what was read last: a host that has no descriptor left must not end the router."""

    def __init__(self) -> None:
        """Read them once. Raises OSError."""
        self._own = privileges.of()
        self._locked = memory_lock.locked()

    def now(self, lost: int, malformed: int) -> RouterProcess:
        """Return the facts of this process, and what became of messages: lines lost, messages malformed."""
        with suppress(OSError):
            self._own = privileges.of()
        own = self._own
        return RouterProcess(
            pid=os.getpid(),
            uid=own.uid,
            effective=own.effective,
            permitted=own.permitted,
            bounding=own.bounding,
            lost=lost,
            malformed=malformed,
            locked=self._locked,
        )
