"""The example of a hook that moves a cloud address, against a server that answers as that cloud does."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples" / "hooks" / "move-address.py"


class Cloud(BaseHTTPRequestHandler):
    """A floating IP, and the server that it is routed to."""

    routed_to = 1
    moves = 0

    def do_GET(self) -> None:
        self._answer({"floating_ip": {"server": Cloud.routed_to}})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/floating_ips/4711/actions/assign"
        Cloud.routed_to, Cloud.moves = asked["server"], Cloud.moves + 1
        self._answer({})

    def _answer(self, body: object) -> None:
        allowed = self.headers["Authorization"] == "Bearer secret"
        data = json.dumps(body).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[str]:
    Cloud.routed_to, Cloud.moves = 1, 0
    with HTTPServer(("127.0.0.1", 0), Cloud) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def move(api: str, token: Path) -> subprocess.CompletedProcess[str]:
    told = ["INSTANCE", "web", "MASTER", "250"]
    argv = [sys.executable, str(EXAMPLE), api, "4711", "2", str(token), *told]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)


def test_the_address_is_moved_once(api: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    assert move(api, token).returncode == 0
    assert move(api, token).returncode == 0
    assert (Cloud.routed_to, Cloud.moves) == (2, 1)


def test_a_refusal_is_a_failure_in_one_line(api: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("wrong")
    refused = move(api, token)
    assert refused.returncode == 1
    assert refused.stderr == "the address was not moved: HTTP Error 401: Unauthorized\n"
    assert Cloud.moves == 0
