"""The first thing that the observer does: give up what it must not have. Nothing else was loaded before.

The interpreter begins without site packages (`-S`), so that no code of theirs runs with a capability.
"""

import gc
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from sidecar import memory_lock
from sidecar.privileges import be_first_victim, give_up
from sidecar.programs.child_processes import die_with_parent

REFUSED = 3
"""Exit status when the privileges could not be given up."""


def start(descriptor: int, parent: int) -> NoReturn:
    """Be the observer of the router with this process id, at the other end of this socket."""
    try:
        give_up()
        be_first_victim()
    except OSError as error:
        sys.stderr.write(f"the observer does not run with privileges: {error}\n")
        sys.exit(REFUSED)
    die_with_parent(parent, signal.SIGKILL)
    run = loaded()
    memory_lock.lock()
    sys.exit(run(descriptor))


def loaded() -> Callable[[int], int]:
    """Load everything else, and return what the observer does with its descriptor."""
    import site  # noqa: PLC0415 - now, and not before

    gc.disable()  # what is loaded now stays for ever
    site.main()
    from sidecar.observer import libraries  # noqa: PLC0415 - without privileges

    libraries.load()
    from sidecar.observer.shell import run  # noqa: PLC0415 - with those libraries

    gc.freeze()
    gc.enable()
    return run
