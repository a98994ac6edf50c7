"""`reload`: the running sidecar reads its configuration again, and says what changes and who notices."""

import json
import sys
import time
from argparse import Namespace
from http import HTTPStatus
from typing import Any, Final

from sidecar.cli import exit_codes
from sidecar.cli.control import HungUp, Unreachable, request
from sidecar.cli.unreached import unreached

TIMEOUT: Final = 100.0
"""Seconds: longer than the sidecar lets anybody wait."""
_REPLACED: Final = 20.0
"""Seconds that the next observer may need until it answers."""
_RETRY: Final = 0.2
_DONE: Final = {
    "applied": "applied",
    "unchanged": "nothing changes",
    "planned": "nothing was changed: this was a dry run",
}


def execute(arguments: Namespace) -> int:
    """Run the verb: 0 if it was applied or planned, 2 if it was refused."""
    target = "/reload/dry-run" if arguments.dry_run else "/reload"
    try:
        code, body = _ask(arguments.socket, target)
    except Unreachable as unreachable:
        return unreached(unreachable)
    if code != HTTPStatus.OK:
        sys.stderr.write(body.decode(errors="replace"))
        return exit_codes.BROKEN
    outcome = json.loads(body)
    if arguments.output == "json":
        sys.stdout.write(body.decode())
    else:
        _say(outcome)
    return exit_codes.OK if outcome["result"] in _DONE else exit_codes.BROKEN


def _ask(path: str, target: str) -> tuple[int, bytes]:
    """Return status and body. An observer that had to be replaced for the new plan is asked again."""
    try:
        return request(path, "POST", target, TIMEOUT)
    except HungUp:
        sys.stderr.write("the observer is replaced by one for the new plan; the log has its changes\n")
    ends = time.monotonic() + _REPLACED
    while True:
        try:
            return request(path, "POST", target, TIMEOUT, patience=0.0)
        except Unreachable:
            if time.monotonic() > ends:
                raise
            time.sleep(_RETRY)


def _say(outcome: dict[str, Any]) -> None:
    if outcome["result"] not in _DONE:
        mistakes = outcome.get("mistakes", [])
        sys.stderr.writelines(f"{line}\n" for line in mistakes)
        sys.stderr.write("nothing was changed\n" if mistakes else f"nothing was changed: {outcome['why']}\n")
        return
    changes = outcome.get("changes", [])
    for change in changes:
        sys.stdout.write(f"{_line(change)}\n")
    if outcome.get("more_changes"):
        sys.stdout.write(f"... and {outcome['more_changes']} more\n")
    if outcome.get("environment"):
        sys.stdout.write(f"{outcome['environment']}\n")
    for warning in outcome.get("warnings", []):
        sys.stdout.write(f"{warning}\n")
    number = len(changes) + outcome.get("more_changes", 0)
    count = "" if not number else f"{number} {'change' if number == 1 else 'changes'}: "
    sys.stdout.write(f"{count}{_DONE[outcome['result']]}\n")


def _line(change: dict[str, str]) -> str:
    old, new = change["old"], change["new"]
    values = f"{old} -> {new}" if change["mark"] == "~" and new else old or new
    return f"{change['mark']} {change['path']}{' ' if values else ''}{values} ({change['effect']})"
