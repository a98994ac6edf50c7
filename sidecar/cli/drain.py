"""`drain`: keep the VIPs away from this host, for a time or until `undrain`."""

import json
import sys
import time
from argparse import Namespace
from http import HTTPStatus
from typing import Any, Final

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable, get, request
from sidecar.cli.unreached import unreached

WITHIN: Final = 10.0
"""Seconds that the VIPs may need to go."""
PATIENCE: Final = 10.0
"""Seconds that an answer may take: a drain is on the disk before it is answered, and disks can be slow."""
_LOOK: Final = 0.05


def execute(arguments: Namespace) -> int:
    """Run the verb: 0 when this host serves nothing any more, 1 when it still has to, 2 if it was refused."""
    span = "" if arguments.span is None else f"for={arguments.span:g}&"
    return ask(arguments, f"/drain?{span}{'force=' if arguments.force else ''}".rstrip("&?"))


def ask(arguments: Namespace, target: str) -> int:
    """Ask for a drain and wait for its effect."""
    begun = time.monotonic()
    try:
        outcome = command(arguments, target)
        if isinstance(outcome, int):
            return outcome
        serving = _serving(arguments.socket)
        while serving and time.monotonic() < begun + WITHIN:
            time.sleep(_LOOK)
            serving = _serving(arguments.socket)
    except Unreachable as unreachable:
        return unreached(unreachable)
    if arguments.output == "table":
        sys.stdout.write(f"{outcome['why']}\n")
        if serving:
            sys.stdout.write(f"this host still serves {', '.join(serving)}: nobody else who is fit does\n")
    else:
        sys.stdout.write(json.dumps(outcome | {"serving": serving}) + "\n")
    return exit_codes.DEGRADED if serving else exit_codes.OK


def command(arguments: Namespace, target: str) -> dict[str, Any] | int:
    """Return what became of a command, or the exit code after a refusal was told. Raises Unreachable."""
    code, body = request(arguments.socket, "POST", target, PATIENCE)
    if code == HTTPStatus.OK:
        outcome = json.loads(body)
        assert isinstance(outcome, dict)  # noqa: S101 - the sidecar of this version says so
        return outcome
    if code == HTTPStatus.CONFLICT:
        if arguments.output == "json":
            sys.stdout.write(body.decode())
        else:
            sys.stderr.write(f"{json.loads(body)['result']}: {json.loads(body)['why']}\n")
    else:
        sys.stderr.write(body.decode(errors="replace"))
    return exit_codes.BROKEN


def _serving(path: str) -> list[str]:
    """Return the virtual routers whose VIPs this host has; all of them before it says that it is drained."""
    code, body = get(path, "/status.json", PATIENCE)
    if code != HTTPStatus.OK:
        return ["what it does not tell"]
    status = json.loads(body)
    routers = status["virtual_routers"]
    if not status["drain"]:
        return [router["name"] for router in routers]
    return [router["name"] for router in routers if any(vip["owned"] for vip in router["addresses"])]
