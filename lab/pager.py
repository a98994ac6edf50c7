# ruff: noqa: INP001, T201 - a script: it stands alone in a container and talks on stdout
"""Print what Alertmanager sends: what the person on call would get. Standard library only."""

import argparse
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LARGEST = 1024 * 1024
"""Bytes of a message that are read."""


def lines(alert: dict[str, Any]) -> list[str]:
    """Return what is printed of an alert: what is wrong, what to type, what to read."""
    labels, notes = alert["labels"], alert["annotations"]
    name = f"{labels['alertname']} ({labels.get('cluster', 'no cluster')})"
    if alert["status"] != "firing":
        return [f"over: {name}"]
    return [
        f"PAGE {labels.get('severity', '')} {name}: {notes.get('summary', '')}",
        f"  type: {notes.get('command', '')}",
        f"  read: {notes.get('runbook_url', '')}",
    ]


class Pager(BaseHTTPRequestHandler):
    """Takes messages of a webhook."""

    def do_POST(self) -> None:
        """Print a message. One that is none is refused."""
        try:
            size = int(self.headers["Content-Length"])
            message = json.loads(self.rfile.read(min(size, LARGEST)))
            said = [line for alert in message["alerts"] for line in lines(alert)]
        except (TypeError, ValueError, KeyError, AttributeError):
            self.send_error(400, "this is no message of Alertmanager")
            return
        for line in said:
            print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing of the request itself."""


def main() -> None:
    """Listen until the process is stopped."""
    parser = argparse.ArgumentParser(description="Print what Alertmanager sends.")
    parser.add_argument("listen", help="ADDRESS:PORT")
    host, _, port = parser.parse_args().listen.rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Pager)
    print(f"{time.strftime('%H:%M:%S')} no alert yet; waiting on port {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
