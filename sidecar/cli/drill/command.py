"""`drill`: sees that the pair is well, moves the VIPs away, looks from here, moves them back, reports."""

import json
import sys
import time
from argparse import Namespace
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.configuration import read
from sidecar.cli.control import Unreachable
from sidecar.cli.drill.preflight import obstacles
from sidecar.cli.drill.report import Drill, document, render
from sidecar.cli.drill.steps import Refused, Scene, perform
from sidecar.cli.unreached import unreached

HOLD: Final = 5.0
"""Seconds for which the other host serves by default."""


def execute(arguments: Namespace) -> int:
    """Run the verb: 0 passed, 1 somebody must look, 2 refused and nothing was moved, 3 no sidecar answers."""
    loaded = read(arguments.config, arguments.env_file)
    if loaded is None:
        return exit_codes.BROKEN
    # Checks and TLS are imported only when they are used.
    from sidecar.config.params import node_params  # noqa: PLC0415
    from sidecar.config.plan import observer_plan  # noqa: PLC0415

    routers = node_params(loaded.config).routers
    hold = HOLD if arguments.hold is None else arguments.hold
    scene = Scene(arguments, routers, observer_plan(loaded.config), hold)
    drill = Drill("", time.time())
    try:
        status = scene.status()
        drill.node = status["node"]
        drill.obstacles = tuple(obstacles(status, {router.name: router for router in routers}))
        if not drill.obstacles:
            perform(drill, scene, status)
    except Unreachable as unreachable:
        return unreached(unreachable, "; a drain that was begun ends by itself")
    except Refused:
        if not drill.begun:
            return exit_codes.BROKEN
        drill.troubles.append("the sidecar has not done its part, and has said why: vip-sidecar status")
    as_json = arguments.output == "json"
    sys.stdout.write(json.dumps(document(drill), indent=1) + "\n" if as_json else render(drill))
    return drill.code
