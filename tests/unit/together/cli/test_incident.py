"""`events --incident` as a user runs it, with a real control socket here and a real status server there.

Modules: cli.incident.*.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.events.store import EventStore
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from tests.unit.cli.incident.told import BEGAN, BOOT, Event, move, started
from tests.unit.telemetry.handmade import Lines
from tests.unit.together.cli.test_command import command

pytestmark = pytest.mark.parts

NOW, AHEAD = 200.0, 3.0
"""Seconds since BEGAN when the test began, and how far the clock of the other host is ahead."""
STARTED = time.monotonic()
SERVED = move(3, "BACKUP", "MASTER", "master_down_timer", "no advertisement of any master for 3 s")
LEFT = move(100, "MASTER", "BACKUP", "drain", "drained by uid 0")
TAKEN = move(100.07, "BACKUP", "MASTER", "priority_zero", "10.0.0.1 resigned (priority 0)", took_ms=69.0)


def since_boot() -> float:
    return NOW + time.monotonic() - STARTED


def host(where: Path | Endpoint, folder: Path, node: str, ahead: float, *events: Event) -> StatusServer:
    status = StatusStore(since_boot, wall=lambda: BEGAN + since_boot() + ahead)
    status.node, status.boot = node, BOOT
    store = status.events = EventStore(folder, lambda: BEGAN + NOW + ahead, lambda *_: None, lambda: None)
    for event in events:
        store.put(BEGAN + ahead + event["at"], {**event, "at": BEGAN + ahead + event["at"]}, event["at"])
    return StatusServer(where, status, Metrics((), (), status), Lines().log)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[str]:
    """A pair: this host with a control socket, and the other one, whose URL is returned."""
    here = host(tmp_path / "control.sock", tmp_path / "one", "lb1", 0.0, started(0), SERVED, LEFT)
    there = host(Endpoint("127.0.0.1", 0), tmp_path / "two", "lb2", AHEAD, started(0), TAKEN)
    for server in (here, there):
        server.start()
    yield f"http://127.0.0.1:{there.port}"
    for server in (here, there):
        server.stop()


def asked(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return command("events", "--socket", str(tmp_path / "control.sock"), "--incident", *words)


def test_two_hosts_one_of_them_three_seconds_ahead(tmp_path: Path, other: str) -> None:
    shown = asked(tmp_path, "--host", other, "-o", "json")
    assert (shown.returncode, shown.stderr) == (0, "")
    found: dict[str, Any] = json.loads(shown.stdout)
    assert (found["from"], found["to"], found["left"]["cause"]) == ("lb1", "lb2", "drained by uid 0")
    doubt = found["clocks"][1]["within_seconds"]
    assert abs(found["clocks"][1]["ahead_seconds"] - AHEAD) <= doubt
    assert abs(found["gap_seconds"] - 0.07) <= doubt + 1e-3
    assert "| lb2 | web BACKUP -> MASTER |" in asked(tmp_path, "--host", other).stdout


@pytest.mark.usefixtures("other")
def test_what_is_missing_is_told(tmp_path: Path) -> None:
    alone = asked(tmp_path)
    assert alone.returncode == 2
    assert "no virtual router has gone from one host to another" in alone.stderr
    assert "this host alone is read" in alone.stderr
    closed = asked(tmp_path, "--host", "http://127.0.0.1:1")
    assert closed.returncode == 2
    assert closed.stderr.endswith("; http://127.0.0.1:1 was not read: connection refused\n")
    assert asked(tmp_path, "2").returncode == 2
    for words, why in (
        (["0"], "1 is the latest"),
        (["--follow"], "leave --follow and --since out"),
        (["--host", "lb2"], "is no status server; write http://10.77.0.12:9650"),
    ):
        wrong = asked(tmp_path, *words)
        assert wrong.returncode == 2
        assert why in wrong.stderr
    nobody = command("events", "--incident", "--socket", str(tmp_path / "none.sock"))
    assert nobody.returncode == 3
