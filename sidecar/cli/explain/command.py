"""`explain`: why this host does what it does, every number with its origin. It changes nothing."""

import json
import sys
from argparse import Namespace
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable, get
from sidecar.cli.explain.table import render
from sidecar.cli.streams import has_colors
from sidecar.cli.unreached import unreached
from sidecar.telemetry.explain.document import Explanation


def execute(arguments: Namespace) -> int:
    """Run the verb: 0 when it is explained, 2 when there is nothing that can be."""
    asked = [] if arguments.router is None else [("router", arguments.router)]
    asked += [("if", word) for word in arguments.supposed]
    target = f"/explain.json?{urlencode(asked, errors='backslashreplace')}".rstrip("?")
    try:
        code, body = get(arguments.socket, target)
    except Unreachable as unreachable:
        return unreached(unreachable)
    if code != HTTPStatus.OK:
        sys.stderr.write(body.decode(errors="replace"))
        return exit_codes.BROKEN
    if arguments.output == "json":
        sys.stdout.write(body.decode())
    else:
        colors = has_colors()
        sys.stdout.write(render(cast("Explanation", json.loads(body)), colors=colors))
    return exit_codes.OK
