"""Run the sidecar with a wall clock that a test can set: `shifted_clock FILE ARGUMENT...`

FILE holds the seconds by which the wall clock of its processes is ahead, and is read at each look at it. The
clock of the machine is left alone, and there are no namespaces for it. An instrument: nothing is decided.
"""

import runpy
import sys
from typing import Any

from sidecar.router import launch as launching

_FILE = sys.argv.pop(1)
_SHIFT = f"""\
import time
def _shifted(true=time.time):
    with open({_FILE!r}, encoding="ascii") as file:
        return true() + float(file.read())
time.time = _shifted
"""
_true_launch = launching.launch


def _launch(options: Any, code: str, *rest: Any, **more: Any) -> int:
    return _true_launch(options, _SHIFT + code, *rest, **more)


# Before any module of the sidecar can have taken one of the two functions for its own.
exec(_SHIFT)  # noqa: S102 - the same text is run in the processes that this one starts
launching.launch = _launch
runpy.run_module("sidecar", run_name="__main__", alter_sys=True)
