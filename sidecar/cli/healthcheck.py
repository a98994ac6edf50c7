"""`healthcheck`: what Docker asks, in the words of /readyz.

Healthy (0): the protocol loop runs and every virtual router is MASTER or BACKUP. A standby is
healthy, and so is a host whose nginx fails: its sidecar does what it is for. Unhealthy (1): the
loop is stuck, or a router is in FAULT or still starting. Unreachable (3): no sidecar answers.
"""

import sys

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable, get, socket_path
from sidecar.cli.streams import reader_is_gone

# The module `typing` costs as much as all the rest; type checkers know this name without it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

_HTTP_OK = 200
_PATIENCE = 1.0
"""Seconds to wait for the next observer: the image gives a health check two."""


def execute(arguments: "Namespace") -> int:
    """Run the verb."""
    if arguments.output != "json":
        return healthcheck(arguments.socket)
    import json  # noqa: PLC0415 - the health check of a container is done without

    code, sentence = _asked(arguments.socket)
    sys.stdout.write(json.dumps({"healthy": code == exit_codes.OK, "why": sentence}) + "\n")
    return code


def healthcheck(path: str = "") -> int:
    """Ask the sidecar at `path`, or at the usual place, and say in one line how it is."""
    code, sentence = _asked(path or socket_path())
    try:
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
    except OSError:
        reader_is_gone()  # the exit code is the answer
    return code


def _asked(path: str) -> tuple[int, str]:
    """Return the exit code and the sentence that the sidecar at `path` has for it."""
    try:
        status, body = get(path, "/readyz", patience=_PATIENCE)
    except Unreachable as unreachable:
        return exit_codes.UNREACHABLE, str(unreachable)
    code = exit_codes.OK if status == _HTTP_OK else exit_codes.DEGRADED
    return code, body.decode(errors="replace").rstrip("\n")
