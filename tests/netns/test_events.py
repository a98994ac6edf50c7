"""What has happened is known afterwards, also after kill -9; no disk of whatever state keeps a VIP away."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.netns.lab import Lab, wait_until
from tests.netns.vrrp_daemon import Setup

pytestmark = pytest.mark.netns

SETUP = Setup(interval=0.3)


def asked(lab: Lab, host: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A verb over the control socket of a host."""
    socket = lab.hosts[host].daemon.log.with_name("control.sock")
    return subprocess.run(
        [sys.executable, "-m", "sidecar", *words, "--socket", str(socket)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def shown(lab: Lab, host: str) -> str:
    """What `status` shows, in one line: a line ends where its words do, and a path may have any length."""
    return " ".join(asked(lab, host, "status").stdout.split())


def document(lab: Lab, host: str) -> dict[str, Any]:
    shown = asked(lab, host, "events", "-o", "json")
    found = json.loads(shown.stdout) if shown.returncode == 0 else {"events": []}
    assert isinstance(found, dict)
    return found


def events(lab: Lab, host: str, name: str) -> list[dict[str, Any]]:
    """The events of a kind, in their order."""
    return [event for event in document(lab, host)["events"] if event["event"] == name]


def left(lab: Lab) -> list[dict[str, Any]]:
    return [event for event in events(lab, "a", "transition") if event["from"] == "MASTER"]


def keep_state_in(lab: Lab, host: str, folder: Path) -> None:
    file = lab.hosts[host].daemon.log.with_name("sidecar.yaml")
    config = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump(config | {"state": {"dir": str(folder)}}))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB that has no room at all; without the file `ballast` it has."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0755", "none", str(folder)]
    subprocess.run(words, check=True, capture_output=True)
    try:
        with pytest.raises(OSError, match="No space left"):
            (folder / "ballast").write_bytes(bytes(128 * 1024))
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


def test_cause_and_move_are_known_on_both_hosts_and_after_kill_9() -> None:
    with Lab(SETUP) as lab:
        lab.start()
        lab.settle()
        lab.hosts["a"].nginx.kill()
        lab.await_sole("b")
        wait_until(lambda: bool(left(lab)), 10, "the move is an event")
        (moved,) = left(lab)
        assert (moved["router"], moved["to"], moved["reason"]) == ("web", "BACKUP", "health")
        assert moved["lasted_seconds"] > 0
        causes = [event for event in events(lab, "a", "check_down") if event["at"] <= moved["at"]]
        assert causes
        assert causes[0]["detail"] in moved["detail"] or causes[0]["check"] in moved["detail"]

        def taken() -> list[dict[str, Any]]:
            moves = events(lab, "b", "transition")
            return [each for each in moves if (each["to"], each["reason"]) == ("MASTER", "priority_zero")]

        wait_until(lambda: bool(taken()), 10, "so is that of b")
        last = taken()[-1]
        # One machine, one clock: what is on two hosts has an order, as far as each router wrote at once.
        assert moved["at"] <= last["at"] + 0.05 + lab.late(since=0)
        before = document(lab, "a")["events"]
        lab.hosts["a"].daemon.kill()
        lab.hosts["a"].daemon.start()
        wait_until(lambda: len(events(lab, "a", "started")) == 2, 30, "the next sidecar is at work")
        after = document(lab, "a")["events"]
        assert after[: len(before)] == before
        assert [event["event"] for event in after].count("stopped") == 0
        numbers = [event["id"] for event in after]
        assert numbers == sorted(set(numbers))
        assert lab.holders() == ["b"]


def test_a_full_disk_is_told_and_keeps_nothing_from_being_served(small_disk: Path) -> None:
    with Lab(SETUP, hosts=1) as lab:
        keep_state_in(lab, "a", small_disk)
        lab.start()
        wait_until(lambda: "No space left on device" in shown(lab, "a"), 10, "it is shown")
        assert asked(lab, "a", "status").returncode == 1
        wait_until(
            lambda: [event["to"] for event in events(lab, "a", "transition")][-1:] == ["MASTER"],
            10,
            "it serves",
        )
        assert lab.holders() == ["a"]
        lab.hosts["a"].daemon.await_said('"component": "events", "reason": "write"')
        (small_disk / "ballast").unlink()
        wait_until(lambda: asked(lab, "a", "status").returncode == 0, 20, "there is room again")
        assert b'"transition"' in (small_disk / "events").read_bytes()
