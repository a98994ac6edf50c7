"""`status`: who serves, since when and why."""

import json
import os
import sys
import time
from argparse import Namespace
from http import HTTPStatus
from typing import cast

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable, get
from sidecar.cli.status_table import render
from sidecar.cli.verdict import judge
from sidecar.telemetry.document import Status


def execute(arguments: Namespace) -> int:
    """Run the verb. The exit code is the verdict, in either format."""
    try:
        code, body = get(arguments.socket, "/status.json")
    except Unreachable as unreachable:
        sys.stderr.write(
            f"{unreachable}\nIs it running? Name its socket with --socket or VIP_SIDECAR_SOCKET.\n"
        )
        return exit_codes.UNREACHABLE
    if code != HTTPStatus.OK:
        sys.stderr.write(body.decode(errors="replace"))
        return exit_codes.BROKEN
    status = cast("Status", json.loads(body))
    verdict = judge(status)
    if arguments.output == "json":
        sys.stdout.write(body.decode())
    else:
        colors = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        sys.stdout.write(render(status, verdict, time.time(), colors=colors))
    return verdict.code
