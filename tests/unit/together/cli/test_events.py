"""`events` as a user runs it, over a real control socket.

Modules: cli.events.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.cli.events import following
from sidecar.telemetry.events.store import EventStore
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import Clock, Lines
from tests.unit.together.cli.test_command import ROOT, command

pytestmark = pytest.mark.parts


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    """A sidecar whose check failed two hours ago, and just now."""
    status_store = StatusStore(Clock(1000.0))
    store = status_store.events = EventStore(tmp_path / "state", time.time, lambda *_: None, lambda: None)
    for age in (7200.0, 5.0):
        store.put(time.time() - age, {"event": "check_down", "check": "http", "detail": f"{age:.0f} s ago"})
    server = StatusServer(tmp_path / "control.sock", status_store, Metrics((), (), status_store), Lines().log)
    server.start()
    yield store
    server.stop()
    store.close()


def asked(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return command("events", "--socket", str(tmp_path / "control.sock"), *words)


@pytest.mark.usefixtures("store")
def test_everything_or_the_last_hour_is_shown(tmp_path: Path) -> None:
    shown = asked(tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert [line.split(maxsplit=4)[2:] for line in shown.stdout.splitlines()] == [
        ["http", "check_down", "7200 s ago"],
        ["http", "check_down", "5 s ago"],
    ]
    assert "7200 s ago" not in asked(tmp_path, "--since", "1h").stdout
    document = json.loads(asked(tmp_path, "--since", "1h", "-o", "json").stdout)
    assert [event["detail"] for event in document["events"]] == ["5 s ago"]


@pytest.mark.usefixtures("store")
def test_wrong_usage_and_no_sidecar_have_their_exit_codes(tmp_path: Path) -> None:
    wrong = asked(tmp_path, "--since", "yesterday")
    assert wrong.returncode == 2
    assert "such as 30m" in wrong.stderr
    lost = asked(tmp_path, "--host", "http://10.77.0.12:9650")
    assert (lost.returncode, lost.stdout) == (2, "")
    assert "--host is for --incident" in lost.stderr
    nobody = command("events", "--socket", str(tmp_path / "none.sock"))
    assert nobody.returncode == 3
    assert "no sidecar answers" in nobody.stderr


def test_what_comes_is_shown_until_one_interrupts(tmp_path: Path, store: EventStore) -> None:
    words = ["events", "--follow", "-o", "json", "--socket", str(tmp_path / "control.sock")]
    # A shell that starts something in the background has it ignore SIGINT, and so has all that this starts.
    argv = ["env", "--default-signal=INT", sys.executable, "-m", "sidecar", *words]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        first = [json.loads(follower.stdout.readline())["detail"] for _ in range(2)]
        store.put(time.time(), {"event": "check_up", "check": "http", "detail": "200"})
        third = json.loads(follower.stdout.readline())["detail"]
        follower.send_signal(signal.SIGINT)
        assert follower.wait(10) == 0
    assert [*first, third] == ["7200 s ago", "5 s ago", "200"]


def test_a_follower_outlasts_a_sidecar_that_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.cli.events.PAUSE", 0.0)
    answers = iter([None, None, {"events": [{"id": 9}], "last_id": 9}])
    asked_after: list[int] = []

    def ask(after: int) -> dict[str, object] | None:
        asked_after.append(after)
        return next(answers)

    events = following({"events": [{"id": 7}], "last_id": 8}, ask)
    assert [next(events), next(events)] == [{"id": 7}, {"id": 9}]
    assert asked_after == [8, 8, 8]
