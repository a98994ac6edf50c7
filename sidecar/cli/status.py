"""`status`: who serves, since when and why; with `--watch` again and again."""

import json
import sys
import time
from argparse import Namespace
from http import HTTPStatus
from typing import cast

from sidecar.cli import exit_codes
from sidecar.cli.control import PATIENCE, Unreachable, get
from sidecar.cli.status_table import render
from sidecar.cli.streams import has_colors
from sidecar.cli.unreached import HINT
from sidecar.cli.watch import watch
from sidecar.telemetry.document import Status
from sidecar.telemetry.verdict import judge


class _NotTold(Exception):  # noqa: N818 - it is a state of affairs
    """There is no status; the text says why."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


def execute(arguments: Namespace) -> int:
    """Run the verb. The exit code is the verdict, in either format."""
    if arguments.watch is not None:
        return watch(lambda: _look(arguments), arguments.watch)
    try:
        code, text = _told(arguments, PATIENCE)
    except _NotTold as silence:
        sys.stderr.write(str(silence))
        return silence.code
    sys.stdout.write(text)
    return code


def _look(arguments: Namespace) -> tuple[int, str]:
    """Return one look of several: with its time, as JSON in one line, and also where nobody answers."""
    as_json = arguments.output == "json"
    try:
        code, text = _told(arguments, 0.0)
    except _NotTold as silence:
        code, text = silence.code, str(silence)
        if as_json:
            return code, json.dumps({"error": text.strip()}) + "\n"
    if as_json:
        return code, json.dumps(json.loads(text)) + "\n"
    now = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    return code, f"{now}\n{text}\n"


def _told(arguments: Namespace, patience: float) -> tuple[int, str]:
    """Return the verdict and the text of the chosen format. Raises _NotTold."""
    try:
        code, body = get(arguments.socket, "/status.json", patience=patience)
    except Unreachable as unreachable:
        raise _NotTold(exit_codes.UNREACHABLE, f"{unreachable}\n{HINT}.\n") from unreachable
    if code != HTTPStatus.OK:
        raise _NotTold(exit_codes.BROKEN, body.decode(errors="replace"))
    status = cast("Status", json.loads(body))
    verdict = judge(status)
    if arguments.output == "json":
        return verdict.code, body.decode()
    colors = has_colors()
    return verdict.code, render(status, verdict, time.time(), colors=colors)
