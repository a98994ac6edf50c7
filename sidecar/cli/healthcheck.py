"""`healthcheck`: what Docker asks, in the words of /readyz.

Healthy (0): the protocol loop runs and every virtual router is MASTER or BACKUP. A standby is
healthy, and so is a host whose nginx fails: its sidecar does what it is for. Unhealthy (1): the
loop is stuck, or a router is in FAULT or still starting. Unreachable (3): no sidecar answers.
"""

import sys

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable, get, socket_path

# The module `typing` costs as much as all the rest; type checkers know this name without it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

_HTTP_OK = 200


def execute(arguments: "Namespace") -> int:
    """Run the verb."""
    return healthcheck(arguments.socket)


def healthcheck(path: str = "") -> int:
    """Ask the sidecar at `path`, or at the usual place, and say in one line how it is."""
    try:
        status, body = get(path or socket_path(), "/readyz")
    except Unreachable as unreachable:
        sys.stdout.write(f"{unreachable}\n")
        return exit_codes.UNREACHABLE
    sys.stdout.write(body.decode(errors="replace"))
    return exit_codes.OK if status == _HTTP_OK else exit_codes.DEGRADED
