"""A flood of frames from v1, sent by a process of its own."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from tests.kernel import flood


@contextmanager
def flooding(
    frames: Iterable[bytes], rate: float, seconds: float
) -> Iterator["Future[subprocess.CompletedProcess[bytes]]"]:
    """Send these, so many a second. What the program prints is in the result of what is returned."""
    with ThreadPoolExecutor(1) as elsewhere:
        yield elsewhere.submit(
            subprocess.run,
            [sys.executable, flood.__file__, "v1", str(rate), str(seconds)],
            check=True,
            capture_output=True,
            input="\n".join(each.hex() for each in frames).encode(),
        )
