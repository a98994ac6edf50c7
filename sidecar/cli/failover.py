"""`failover`: give the VIPs to the other host now, and contend again some minutes later."""

import json
import sys
from argparse import Namespace
from http import HTTPStatus
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable, get
from sidecar.cli.drain import PATIENCE, ask
from sidecar.cli.unreached import unreached

AWAY: Final = 600.0
"""Seconds for which the VIPs stay away by default: a preferred host would take them back at once."""

_NOTHING: Final = "this host serves nothing; run it on the host that does"


def execute(arguments: Namespace) -> int:
    """Run the verb."""
    try:
        code, body = get(arguments.socket, "/status.json", PATIENCE)
    except Unreachable as unreachable:
        return unreached(unreachable)
    if code != HTTPStatus.OK:
        sys.stderr.write(body.decode(errors="replace"))
        return exit_codes.BROKEN
    if not any(router["state"] == "MASTER" for router in json.loads(body)["virtual_routers"]):
        if arguments.output == "json":
            sys.stdout.write(json.dumps({"result": "refused", "why": _NOTHING}) + "\n")
        else:
            sys.stderr.write(f"refused: {_NOTHING}\n")
        return exit_codes.BROKEN
    span = AWAY if arguments.span is None else arguments.span
    return ask(arguments, f"/drain?for={span:g}{'&force=' if arguments.force else ''}")
