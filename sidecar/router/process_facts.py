"""Facts about this process, for the status."""

import os

from sidecar import privileges
from sidecar.channel.down import RouterProcess


def process_facts(lost: int, malformed: int) -> RouterProcess:
    """Return the facts of this process, and what became of messages: lines lost, messages malformed."""
    own = privileges.of()
    return RouterProcess(
        pid=os.getpid(),
        uid=own.uid,
        effective=own.effective,
        permitted=own.permitted,
        bounding=own.bounding,
        lost=lost,
        malformed=malformed,
    )
