"""`doctor`: finds the usual mistakes of hosts, networks and files before visitors do. Changes nothing."""

import json
import sys
import time
from argparse import Namespace
from functools import partial
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.configuration import read
from sidecar.cli.control import Unreachable, get
from sidecar.cli.streams import has_colors
from sidecar.cli.unreached import unreached
from sidecar.doctor.problem import Severity

_CODES: Final = {
    None: exit_codes.OK,
    Severity.WARNING: exit_codes.DEGRADED,
    Severity.FAULT: exit_codes.BROKEN,
}


def execute(arguments: Namespace) -> int:
    """Run the verb. The exit code is the worst problem, in either format."""
    loaded = read(arguments.config, arguments.env_file)
    if loaded is None:
        return exit_codes.BROKEN
    if arguments.pre and _runs(arguments.socket):
        sys.stderr.write(f"a sidecar runs at {arguments.socket}: leave --pre out, so that it is asked\n")
        return exit_codes.BROKEN
    # Netlink, checks and TLS are imported only when they are used.
    from sidecar.config.params import node_params  # noqa: PLC0415
    from sidecar.config.plan import observer_plan  # noqa: PLC0415
    from sidecar.doctor.examination import examine, worst  # noqa: PLC0415
    from sidecar.doctor.gather import gather  # noqa: PLC0415
    from sidecar.doctor.readers.status import NotReady  # noqa: PLC0415
    from sidecar.doctor.report import document, render  # noqa: PLC0415

    began = time.monotonic()
    ask = None if arguments.pre else partial(get, arguments.socket)
    try:
        evidence = gather(node_params(loaded.config).routers, observer_plan(loaded.config), ask)
    except Unreachable as unreachable:
        return unreached(unreachable, "; before the first start say `doctor --pre`")
    except NotReady as starting:
        sys.stderr.write(f"the sidecar tells no status yet: {starting}\n")
        return exit_codes.BROKEN
    results = examine(evidence)
    took = time.monotonic() - began
    if arguments.output == "json":
        sys.stdout.write(json.dumps(document(results, took), indent=1) + "\n")
    else:
        colors = has_colors()
        sys.stdout.write(render(results, took, colors=colors))
    return _CODES[worst(results)]


def _runs(path: str) -> bool:
    try:
        get(path, "/healthz", patience=0.0)
    except Unreachable:
        return False
    return True
