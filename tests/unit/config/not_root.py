"""Files that only others may read: root has to be somebody else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_root() -> Iterator[None]:
    """Root may read everything, so it is somebody else for the time of the test."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)
