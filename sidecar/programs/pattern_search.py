"""The other side of the checks' `pattern.py`: searches one pattern in the bodies it is sent.

Gives up every capability first. Reads from its descriptor, a socket: four bytes of length, then the body;
answers "1" or "0". Ends at the end of its input, or by SIGALRM when one search takes longer than the
longest deadline a check can have.
"""

import os
import re
import signal
from collections.abc import Sequence
from typing import Final

from sidecar.privileges import give_up

LONGEST: Final = 60.0


def run(descriptors: Sequence[int], arguments: Sequence[str]) -> None:
    """Search until the input ends. The one argument is the pattern."""
    os.dup2(0, 2)  # nothing but answers may reach the socket, no warning about a pattern either
    give_up()
    pattern = re.compile(arguments[0])
    with os.fdopen(descriptors[0], "rb") as source:
        while header := source.read(4):
            body = source.read(int.from_bytes(header, "big")).decode("utf-8", "replace")
            signal.setitimer(signal.ITIMER_REAL, LONGEST)
            found = pattern.search(body) is not None
            signal.setitimer(signal.ITIMER_REAL, 0)
            os.write(1, b"1" if found else b"0")
