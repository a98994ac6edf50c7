"""Verbs that move VIPs, as a user runs them, when the sidecar cannot do its part.

Modules: cli.command_line, cli.drill.command, cli.drill.report, cli.drill.steps, cli.failover, cli.values.
"""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.drill.test_preflight import pair
from tests.unit.together.cli.test_command import GOOD, ROOT, command

pytestmark = pytest.mark.parts

STARTING = (HTTPStatus.SERVICE_UNAVAILABLE, "starting: nothing decided yet\n")
DRAINED = (HTTPStatus.OK, json.dumps({"result": "drained", "why": "drained by uid 0"}))
WELL = (HTTPStatus.OK, json.dumps(pair()))
Answer = tuple[HTTPStatus, str] | None


class Sidecar:
    """Answers at a control socket what it is told to; None: never."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[str] = []
        self.answers: Callable[[str], Answer] = lambda _: STARTING
        self.silent = threading.Event()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        for each in (self._socket, *self._open):
            each.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            target = " ".join(connection.recv(4096).decode().split()[:2])
            self.asked.append(target)
            answer = self.answers(target)
            if answer is None:
                self._open.append(connection)
                self.silent.set()
                continue
            body = answer[1].encode()
            head = f"HTTP/1.1 {answer[0]} {answer[0].phrase}\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)
            connection.close()


@pytest.fixture
def sidecar(tmp_path: Path) -> Iterator[Sidecar]:
    sidecar = Sidecar(tmp_path / "control.sock")
    yield sidecar
    sidecar.close()


@pytest.fixture
def ask(tmp_path: Path, sidecar: Sidecar) -> Callable[..., subprocess.CompletedProcess[str]]:
    config = tmp_path / "vip.yaml"
    config.write_text(GOOD)

    def run(verb: str, *words: str) -> subprocess.CompletedProcess[str]:
        file = ("-c", str(config)) if verb == "drill" else ()
        return command(verb, *file, *words, "--socket", str(sidecar.path))

    return run


Ask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("verb", ["drill", "failover", "drain", "undrain"])
def test_a_sidecar_that_is_starting_has_not_moved_anything(verb: str, ask: Ask) -> None:
    refused = ask(verb)
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", STARTING[1])


def test_a_host_that_serves_nothing_says_so_for_scripts_too(sidecar: Sidecar, ask: Ask) -> None:
    backup = (HTTPStatus.OK, json.dumps(pair(router={"state": "BACKUP"}, owned=False)))
    sidecar.answers = lambda _: backup
    refused = ask("failover", "-o", "json")
    assert (refused.returncode, refused.stderr) == (2, "")
    assert json.loads(refused.stdout) == {
        "result": "refused",
        "why": "this host serves nothing; run it on the host that does",
    }
    assert "refused: this host serves nothing" in ask("failover").stderr


def test_a_drill_that_has_begun_is_reported_whatever_comes_between(sidecar: Sidecar, ask: Ask) -> None:
    def answers(target: str) -> Answer:
        if target == "GET /status.json":
            return WELL if len(sidecar.asked) == 1 else STARTING
        return DRAINED

    sidecar.answers = answers
    looked = ask("drill", "-o", "json")
    report: dict[str, Any] = json.loads(looked.stdout)
    assert (looked.returncode, report["result"], report["node"]) == (1, "failed", "a")
    assert "has not done its part" in report["troubles"][0]
    assert looked.stderr == STARTING[1]
    assert sidecar.asked[-1] == "POST /undrain"


@pytest.mark.parametrize("span", ["0s", "999ms", "367d"])
def test_a_drain_of_no_use_is_wrong_usage(span: str) -> None:
    refused = command("drain", "--for", span)
    assert refused.returncode == 2
    assert f"argument --for: {span} is none of 1s to 366d" in refused.stderr


@pytest.mark.parametrize("verb", ["drain", "status", "events"])
def test_whoever_interrupts_a_verb_gets_no_traceback(sidecar: Sidecar, verb: str) -> None:
    sidecar.answers = lambda _: None
    argv = [sys.executable, "-m", "sidecar", verb, "--socket", str(sidecar.path)]
    # A shell that starts something in the background has it ignore SIGINT, and so has all that this starts.
    with subprocess.Popen(
        ["env", "--default-signal=INT", *argv],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert sidecar.silent.wait(30)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == ("", "")
        assert process.returncode == -signal.SIGINT
