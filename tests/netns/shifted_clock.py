"""Run the sidecar with a wall clock that a test can set: `shifted_clock FILE ARGUMENT...`

FILE holds the seconds by which this process's wall clock is ahead, and is read at each look at it. The
clock of the machine is left alone, and there are no namespaces for it. An instrument: nothing is decided.
"""

import runpy
import sys
import time
from pathlib import Path

_FILE = Path(sys.argv.pop(1))
_true_time = time.time


def _shifted() -> float:
    return _true_time() + float(_FILE.read_text(encoding="ascii"))


# before any module of the sidecar can have taken the function for its own
time.time = _shifted
runpy.run_module("sidecar", run_name="__main__", alter_sys=True)
