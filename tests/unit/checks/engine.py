"""A scripted Docker engine on a unix socket: answers as the real one does, and breaks on demand."""

import contextlib
import json
import queue
import socketserver
import threading
import time
from collections.abc import Iterator
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from sidecar.plan.check import ContainerCheck
from sidecar.plan.container import ContainerSelection

ID = "ab" * 32
CHECKS = [ContainerCheck("web", ContainerSelection("web"))]
"""A check of the one container that the engine has."""


class Mood(Enum):
    WELL = auto()
    HANGS = auto()
    FORBIDS = auto()
    BABBLES = auto()
    DIES = auto()
    """While it is asked."""


class Engine:
    """State of one container, and the streams that are open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mood = Mood.WELL
        self.container: dict[str, Any] | None = None
        self.streams: list[queue.Queue[dict[str, Any] | None]] = []
        self.requests: list[str] = []
        self.versions = ("1.24", "1.44")
        """The oldest and the newest version of the API that is spoken."""
        self.restarts = 204
        """Status of the answer to a restart; 204 does it."""
        self.release = threading.Event()
        self.started("2026-01-01T00:00:00.5Z")

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    def started(self, at: str, **state: Any) -> None:
        fixed = {"Status": "running", "Running": True, "Paused": False, "Pid": 2**22 + 1, "ExitCode": 0}
        self.container = {"Id": ID, "Name": "/web", "State": {**fixed, "StartedAt": at, **state}}

    def change(self, **state: Any) -> None:
        assert self.container is not None
        self.container["State"].update(state)

    def say(
        self, action: str, *, at: int | None = None, name: str = "web", identity: str = ID, **attributes: str
    ) -> None:
        event = {
            "Type": "container",
            "Action": action,
            "Actor": {"ID": identity, "Attributes": {"name": name, **attributes}},
            "timeNano": time.time_ns() if at is None else at,
        }
        for stream in list(self.streams):
            stream.put(event)

    def cut(self) -> None:
        for stream in list(self.streams):
            stream.put(None)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        super().__init__(str(engine.path), Handler)

    def handle_error(self, *_: object) -> None:
        return


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        engine = self.server.engine
        engine.requests.append(self.path)
        if engine.mood is Mood.HANGS:
            engine.release.wait(30)
            self.close_connection = True
        elif engine.mood is Mood.DIES:
            self.close_connection = True
        elif engine.mood is Mood.FORBIDS:
            self._answer(403, {"message": "Forbidden"})
        elif engine.mood is Mood.BABBLES:
            self.wfile.write(b"\x00\xffnonsense\r\n\r\n" * 100)
            self.close_connection = True
        elif self.path.endswith("/_ping"):
            self._answer(200, "OK")
        elif self.path.endswith("/version"):
            oldest, newest = engine.versions
            self._answer(200, {"ApiVersion": newest, "MinAPIVersion": oldest})
        elif (refusal := self._version_refused()) is not None:
            self._answer(400, {"message": refusal})
        elif "/events" in self.path:
            self._stream()
        elif engine.container is None:
            self._answer(404, {"message": "No such container: web"})
        else:
            self._answer(200, engine.container)

    def do_POST(self) -> None:
        engine = self.server.engine
        if not self.path.partition("?")[0].endswith("/restart"):
            self.do_GET()
            return
        engine.requests.append(f"POST {self.path}")
        if engine.restarts == 204 and engine.container is not None:
            engine.started(f"2026-03-03T00:00:{len(engine.requests) % 60:02d}Z")
            engine.say("start")
        self.send_response(engine.restarts)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _version_refused(self) -> str | None:
        """The answer of a real engine to a client of another version."""
        asked = self.path.removeprefix("/v").partition("/")[0]
        oldest, newest = self.server.engine.versions
        if _number(asked) > _number(newest):
            return f"client version {asked} is too new. Maximum supported API version is {newest}"
        if _number(asked) < _number(oldest):
            return f"client version {asked} is too old. Minimum supported API version is {oldest}"
        return None

    def _answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        engine = self.server.engine
        events: queue.Queue[dict[str, Any] | None] = queue.Queue()
        engine.streams.append(events)
        self.close_connection = True
        with contextlib.suppress(OSError):
            while (event := events.get()) is not None:
                data = json.dumps(event).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        engine.streams.remove(events)


@contextlib.contextmanager
def scripted_engine(path: Path) -> Iterator[Engine]:
    engine = Engine(path)
    server = Server(engine)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield engine
    finally:
        engine.release.set()
        engine.cut()
        server.shutdown()
        thread.join()
        server.server_close()
