"""`fleet --serve`: the real server shows what is so now, and ends when it is told to."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.cli.fleet.picture import Picture
from sidecar.cli.fleet.serve import server
from sidecar.cli.fleet.verdicts import judge
from sidecar.cli.main import main
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.http_server import HttpServer
from tests.unit.cli.fleet.fleets import NOW, master, standby, unreadable
from tests.unit.telemetry.http_client import fetch, raw
from tests.unit.telemetry.page.facts import Html

pytestmark = pytest.mark.parts


class Fleet:
    """What is known of a pair. It changes when somebody says so."""

    def __init__(self) -> None:
        self.answers = (master("a"), standby("b"))

    def __call__(self) -> Picture:
        return Picture(judge(self.answers, NOW), self.answers, NOW)


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


@pytest.fixture
def serving(fleet: Fleet) -> Iterator[HttpServer]:
    made = server(Endpoint("127.0.0.1", 0), fleet)
    made.start()
    yield made
    made.stop()


def test_the_page_the_text_and_the_document_say_the_same(serving: HttpServer) -> None:
    code, kind, body = fetch(serving.port, "/fleet")
    assert (code, kind) == (200, "text/html; charset=utf-8")
    assert Html(body.decode()).by_id("title").text.startswith("✓ fleet: 1 of 1 routers served")
    assert fetch(serving.port, "/fleet?plain")[2].decode().startswith("✓ fleet: 1 of 1 routers served")
    (told,) = json.loads(fetch(serving.port, "/fleet.json")[2])
    assert (told["verdict"], told["hosts"]) == ("OK", ["a", "b"])
    assert fetch(serving.port, "/")[2] == b"vip-sidecar fleet\n/fleet\n/fleet/stream\n/fleet.json\n"
    assert fetch(serving.port, "/status")[0] == 404
    assert raw(serving.port, b"POST /fleet HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 405 ")


def test_an_open_page_is_told_what_changes(serving: HttpServer, fleet: Fleet) -> None:
    with socket.create_connection(("127.0.0.1", serving.port), timeout=30) as stream:
        stream.sendall(b"GET /fleet/stream HTTP/1.1\r\n\r\n")
        seen = b""
        while b"event: beat" not in seen:
            seen += stream.recv(65536)
        fleet.answers = (master("a"), unreadable("b"))
        while b"UNREADABLE" not in seen:
            seen += stream.recv(65536)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    file = targets(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "sidecar", "fleet", "-f", str(file), "--serve", where],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (2, f"cannot listen on {where}: Address already in use\n")


def test_it_says_where_it_is_and_ends_with_sigterm(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sidecar",
        "fleet",
        "-f",
        str(targets(tmp_path)),
        "--serve",
        "127.0.0.1:0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"the fleet is shown at http://127.0.0.1:(\d+)/fleet; Ctrl-C ends this\n", line)
        assert found, line
        assert "UNREADABLE" in fetch(int(found[1]), "/fleet?plain")[2].decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.parametrize("where", ["9660", "127.0.0.1:x", "::1:9660", "[::1]:70000", ":9660"])
def test_a_place_that_is_none_is_told(where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fleet", "-f", str(targets(tmp_path)), "--serve", where])
    assert ended.value.code == 2
    assert f"{where} is no ADDRESS:PORT; write one such as 127.0.0.1:9660" in capsys.readouterr().err


def targets(folder: Path) -> Path:
    file = folder / "targets.json"
    file.write_text(json.dumps([{"targets": ["127.0.0.1:1"], "labels": {"cluster": "lab"}}]))
    return file
