"""The stream of events: cut, silent, hung, absent, of another version, and busy with others.

Modules: checks.docker.container_event, checks.docker.engine, checks.docker.reply.
"""

import threading
import time
from pathlib import Path

import pytest

from sidecar import stall
from sidecar.checks.docker import engine as docker_engine
from sidecar.checks.docker import feed as docker_feed
from sidecar.checks.kinds import container
from sidecar.checks.runner import CheckRunner
from sidecar.core.health.result import Outcome
from sidecar.plan.services import Docker
from tests.lateness import Lateness
from tests.unit.checks.engine import CHECKS, Engine, Mood, scripted_engine
from tests.unit.checks.stage import Collector, running, wait_until

pytestmark = pytest.mark.parts


@pytest.fixture(autouse=True)
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stall excuses an engine. On a busy machine one follows the other, and nothing is ever told."""
    monkeypatch.setattr(stall, "SLACK", 60.0)


def test_what_happens_while_the_stream_is_cut_is_found_by_the_next_look(
    engine: Engine, seen: Collector
) -> None:
    mark = len(seen.results)
    engine.change(Running=False, Status="exited", ExitCode=0)
    engine.cut()
    assert seen.after(mark, Outcome.FAIL)[0].result.detail == "exited, exit code 0"
    assert len(seen.engine) == 1


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        (Mood.HANGS, "timeout"),
        (Mood.FORBIDS, "denied"),
        (Mood.BABBLES, "protocol"),
        (Mood.DIES, "unreachable"),
    ],
)
def test_an_engine_gone_bad_is_unknown_once_and_never_a_failure(
    engine: Engine, seen: Collector, mood: Mood, reason: str
) -> None:
    mark = len(seen.results)
    engine.mood = mood
    engine.cut()
    seen.after(mark, Outcome.UNKNOWN)
    wait_until(lambda: bool(seen.troubles))
    assert [trouble[:2] for trouble in seen.troubles] == [("docker", reason)]
    time.sleep(0.5)
    assert [s.result.outcome for s in seen.results[mark:]] == [Outcome.UNKNOWN]
    engine.mood = Mood.WELL
    engine.release.set()
    seen.after(mark, Outcome.PASS)
    wait_until(lambda: [connected for connected, _ in seen.engine] == [True, False, True])


def test_a_silent_engine_that_hangs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_engine, "SILENCE", 1.0)
    with scripted_engine(tmp_path / "docker.sock") as engine, running(CHECKS, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.PASS)
        wait_until(lambda: sum("/events" in request for request in engine.requests) >= 3)
        assert seen.outcomes() == {Outcome.PASS}
        mark = len(seen.results)
        engine.mood = Mood.HANGS
        seen.after(mark, Outcome.UNKNOWN)
        assert seen.outcomes() == {Outcome.PASS, Outcome.UNKNOWN}


def test_an_absent_engine_is_unknown_and_found_when_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with running(CHECKS, Docker(url=f"unix://{path}")) as seen:
        unknown = seen.after(0, Outcome.UNKNOWN)[0].result
        assert unknown.detail == "the Docker engine cannot be reached: no such file or directory"
        assert seen.troubles == [("docker", "unreachable", unknown.detail)]
        with scripted_engine(path):
            seen.after(0, Outcome.PASS)
    assert seen.outcomes() == {Outcome.UNKNOWN, Outcome.PASS}


@pytest.mark.parametrize(
    ("oldest", "newest"), [("1.12", "1.24"), ("1.12", "1.41"), ("1.24", "1.44"), ("1.44", "1.52")]
)
def test_the_version_of_the_api_is_what_the_engine_speaks(engine: Engine, oldest: str, newest: str) -> None:
    """From the oldest that the SDK takes over Docker 20.10 to Docker 29, which refuses all below 1.44."""
    engine.versions = (oldest, newest)
    with running(CHECKS, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.PASS)
        wait_until(lambda: bool(engine.streams))
        assert seen.troubles == []
    asked = [request for request in engine.requests if "/containers/" in request or "/events" in request]
    assert {request.split("/")[1] for request in asked} == {f"v{newest}"}


def test_a_stream_begins_where_the_last_one_ended(engine: Engine, seen: Collector) -> None:
    at = time.time_ns() + 5_000_000_000
    engine.say("kill", at=at, signal="1")
    wait_until(lambda: sum("/json" in request for request in engine.requests) >= 2)
    engine.cut()
    wait_until(lambda: sum("/events" in request for request in engine.requests) >= 2)
    last_stream = [request for request in engine.requests if "/events" in request][-1]
    assert f"since={at // 10**9}.{at % 10**9:09d}" in last_stream
    assert seen.outcomes() == {Outcome.PASS}


def test_events_of_others_do_not_keep_an_unhealthy_container_from_being_looked_at(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_feed, "LOOK", 0.2)
    monkeypatch.setattr(container, "_TIMED", 0.18)
    with running(CHECKS, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.PASS)
        wait_until(lambda: bool(engine.streams))
        mark, began = len(seen.results), time.monotonic()
        engine.change(Health={"Status": "unhealthy"})
        for _ in range(20):
            engine.say("start", name="other", identity="cd" * 32)
            time.sleep(0.05)
        assert 2 <= len(seen.after(mark, Outcome.FAIL, count=2)) <= 1 + (time.monotonic() - began) / 0.18
        assert sum("/events" in request for request in engine.requests) == 1


@pytest.mark.timing
@pytest.mark.parametrize("mood", [Mood.WELL, Mood.HANGS])
def test_stop_is_quick_whatever_the_engine_does(engine: Engine, mood: Mood, lateness: Lateness) -> None:
    engine.mood = mood
    collector = Collector()
    runner = CheckRunner(CHECKS, Docker(url=engine.url), collector)
    runner.start()
    wait_until(lambda: bool(engine.requests) and (mood is Mood.HANGS or bool(engine.streams)))
    started = time.monotonic()
    runner.stop(0.5)
    assert time.monotonic() - started < 0.7 + lateness()
    engine.release.set()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "docker"])
