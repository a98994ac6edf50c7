"""Run a sidecar that overhears nothing: `python -m bench.deaf ARGUMENT...`, the control of bench.overhearing.

It opens no packet socket, asks the LAN for no VIP and tells its observer of no packet. Nothing else differs.
"""

import runpy
from typing import Any

from sidecar.router.overhearing import Overhearing


def _look(_self: Overhearing, *_: Any) -> None:
    pass


Overhearing.look = _look  # type: ignore[method-assign,assignment]
runpy.run_module("sidecar", run_name="__main__", alter_sys=True)
