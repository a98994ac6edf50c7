"""`events`: what has happened on this host, and what comes."""

import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, Final

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable, get
from sidecar.cli.event_table import line
from sidecar.cli.streams import has_colors
from sidecar.cli.unreached import unreached

PAUSE: Final = 0.5
"""Seconds between two questions while somebody follows."""
_STOPPED: Final = "; a sidecar that has stopped shows its events after the next start"


def execute(arguments: Namespace) -> int:
    """Run the verb."""
    if arguments.incident is not None:
        return _incident(arguments)
    if arguments.host:
        sys.stderr.write("--host is for --incident: without that the events of this host are shown\n")
        return exit_codes.BROKEN
    since = 0.0 if arguments.since is None else time.time() - arguments.since
    try:
        code, body = get(arguments.socket, f"/events.json?since={since:.3f}")
    except Unreachable as unreachable:
        return unreached(unreachable, _STOPPED)
    if code != HTTPStatus.OK:
        sys.stderr.write(body.decode(errors="replace"))
        return exit_codes.BROKEN
    document = json.loads(body)
    if arguments.follow:
        # To be interrupted is how this ends, and no failure.
        try:
            _print(following(document, lambda after: _ask(arguments.socket, after)), arguments.output)
        except KeyboardInterrupt:
            return exit_codes.OK
    if arguments.output == "json":
        sys.stdout.write(body.decode())
        return exit_codes.OK
    if document["trouble"]:
        sys.stderr.write(f"{document['trouble']}\n")
    if not document["events"]:
        sys.stderr.write("nothing has happened in that time\n" if since else "nothing has happened yet\n")
    _print(iter(document["events"]), arguments.output)
    return exit_codes.OK


def _incident(arguments: Namespace) -> int:
    if arguments.follow or arguments.since is not None:
        sys.stderr.write("--incident is one of the past: leave --follow and --since out\n")
        return exit_codes.BROKEN
    # HTTP and what reads it are imported only when they are used.
    from sidecar.cli.incident import command  # noqa: PLC0415

    return command.execute(arguments)


def following(
    document: dict[str, Any], ask: Callable[[int], dict[str, Any] | None]
) -> Iterator[dict[str, Any]]:
    """Yield the events of a document, and those that come after them, for ever.

    `ask` returns the document after an event of this number, or None while no sidecar answers.
    """
    while True:
        yield from document["events"]
        last = document["last_id"]
        time.sleep(PAUSE)
        document = ask(last) or {"events": [], "last_id": last}


def _ask(path: str, after: int) -> dict[str, Any] | None:
    try:
        code, body = get(path, f"/events.json?after={after}", patience=0.0)
    except Unreachable:
        return None
    return json.loads(body) if code == HTTPStatus.OK else None


def _print(events: Iterator[dict[str, Any]], output: str) -> None:
    colors = has_colors()
    for event in events:
        text = json.dumps(event) if output == "json" else line(event, colors=colors)
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
