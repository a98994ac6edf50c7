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

ID = "ab" * 32


class Mood(Enum):
    WELL = auto()
    HANGS = auto()
    FORBIDS = auto()
    BABBLES = auto()


class Engine:
    """State of one container, and the streams that are open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mood = Mood.WELL
        self.container: dict[str, Any] | None = None
        self.streams: list[queue.Queue[dict[str, Any] | None]] = []
        self.requests: list[str] = []
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

    def say(self, action: str, *, at: int | None = None, name: str = "web", **attributes: str) -> None:
        event = {
            "Type": "container",
            "Action": action,
            "Actor": {"ID": ID, "Attributes": {"name": name, **attributes}},
            "timeNano": time.time_ns() if at is None else at,
        }
        for stream in list(self.streams):
            stream.put(event)

    def cut(self) -> None:
        for stream in list(self.streams):
            stream.put(None)


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
        elif engine.mood is Mood.FORBIDS:
            self._answer(403, {"message": "Forbidden"})
        elif engine.mood is Mood.BABBLES:
            self.wfile.write(b"\x00\xffnonsense\r\n\r\n" * 100)
            self.close_connection = True
        elif self.path.endswith("/_ping"):
            self._answer(200, "OK")
        elif self.path.endswith("/version"):
            self._answer(200, {"ApiVersion": "1.44", "MinAPIVersion": "1.24"})
        elif "/events" in self.path:
            self._stream()
        elif engine.container is None:
            self._answer(404, {"message": "No such container: web"})
        else:
            self._answer(200, engine.container)

    do_POST = do_GET  # noqa: N815 - the name is the standard library's

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
