"""The container check against an engine that plays all the parts a real one does, the bad ones too."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.checks import docker_engine, docker_feed, restart_loop
from sidecar.checks.container_state import (
    EVENTS,
    ContainerState,
    Died,
    parse_event,
    parse_inspect,
    precedes,
    verdict,
)
from sidecar.checks.runner import CheckRunner
from sidecar.config.model import Check, Docker
from sidecar.core.events import CheckResult, Outcome
from tests.unit.checks.engine import ID, Engine, Mood, scripted_engine
from tests.unit.checks.stage import Collector, running, wait_until

CHECKS = {"web": Check(container="web")}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with scripted_engine(tmp_path / "docker.sock") as scripted:
        yield scripted


@pytest.fixture
def seen(engine: Engine) -> Iterator[Collector]:
    """A running check that has passed once."""
    with running(CHECKS, Docker(url=engine.url)) as collector:
        collector.after(0, Outcome.PASS)
        wait_until(lambda: bool(engine.streams))
        yield collector


def last(seen: Collector) -> CheckResult:
    return seen.results[-1].result


def test_a_running_container_passes_as_a_fact(seen: Collector) -> None:
    assert last(seen) == CheckResult(Outcome.PASS, "running", decisive=True)
    seen.wait(lambda: len(seen.engine) == 1)
    assert seen.engine[0][0] is True


def test_die_is_a_fact_at_once_and_start_brings_it_back(engine: Engine, seen: Collector) -> None:
    mark, told = len(seen.results), time.monotonic()
    engine.change(Running=False, Status="exited", ExitCode=137)
    engine.say("die", exitCode="137")
    failure = seen.after(mark, Outcome.FAIL)[0]
    assert failure.at - told < 0.1
    assert failure.result == CheckResult(Outcome.FAIL, "main process died with exit code 137", decisive=True)
    seen.after(mark, Outcome.FAIL, count=2)
    assert last(seen).detail == "exited, exit code 137"
    mark = len(seen.results)
    engine.started("2026-02-02T00:00:00Z")
    engine.say("start")
    assert seen.after(mark, Outcome.PASS)[0].result.decisive


def test_a_death_that_the_engine_has_told_is_not_told_again(engine: Engine, seen: Collector) -> None:
    """The event of a signal, or of a lack of memory, comes before that of the death and asks for a look."""
    mark = len(seen.results)
    engine.change(Running=False, Status="exited", ExitCode=137, OOMKilled=True)
    engine.say("oom")
    engine.say("die", exitCode="137")
    wait_until(lambda: sum("/json" in request for request in engine.requests) >= 3)
    time.sleep(0.05)
    assert [s.result.detail for s in seen.results[mark:]] == ["exited, exit code 137, out of memory"]


def test_an_engine_that_does_not_know_of_the_death_yet_is_not_believed(
    engine: Engine, seen: Collector
) -> None:
    mark = len(seen.results)
    engine.say("die", exitCode="1")
    seen.after(mark, Outcome.FAIL)
    engine.say("kill")
    wait_until(lambda: sum("/json" in request for request in engine.requests) >= 3)
    time.sleep(0.05)
    assert seen.outcomes(mark) == {Outcome.FAIL}


def test_exec_die_and_other_containers_are_no_deaths(engine: Engine, seen: Collector) -> None:
    mark = len(seen.results)
    engine.say("exec_die", exitCode="1")
    engine.say("die", name="other")
    engine.say("kill", signal="1")
    wait_until(lambda: sum("/json" in request for request in engine.requests) >= 2)
    time.sleep(0.05)
    assert seen.results[mark:] == []


def test_a_repeated_old_death_does_not_kill_the_new_life(engine: Engine, seen: Collector) -> None:
    mark = len(seen.results)
    engine.say("die", at=1_000, exitCode="1")
    wait_until(lambda: sum("/json" in request for request in engine.requests) >= 2)
    time.sleep(0.05)
    assert seen.results[mark:] == []


def test_pause_is_a_failure_and_unpause_a_pass(engine: Engine, seen: Collector) -> None:
    mark = len(seen.results)
    engine.change(Paused=True, Status="paused")
    engine.say("pause")
    assert seen.after(mark, Outcome.FAIL)[0].result == CheckResult(Outcome.FAIL, "paused", decisive=True)
    mark = len(seen.results)
    engine.change(Paused=False, Status="running")
    engine.say("unpause")
    seen.after(mark, Outcome.PASS)


def test_unhealthy_is_one_vote_each_time_it_is_looked_at(engine: Engine, seen: Collector) -> None:
    mark = len(seen.results)
    engine.change(Health={"Status": "unhealthy"})
    engine.say("health_status: unhealthy")
    assert not seen.after(mark, Outcome.FAIL)[0].result.decisive
    engine.cut()  # the next look
    seen.after(mark, Outcome.FAIL, count=2)
    mark = len(seen.results)
    engine.change(Health={"Status": "healthy"})
    engine.say("health_status: healthy")
    engine.cut()
    assert seen.after(mark, Outcome.PASS)[0].result.detail == "running, health healthy"


def test_events_of_others_do_not_keep_an_unhealthy_container_from_being_looked_at(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_feed, "_LOOK", 0.2)
    with running(CHECKS, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.PASS)
        wait_until(lambda: bool(engine.streams))
        mark = len(seen.results)
        engine.change(Health={"Status": "unhealthy"})
        for _ in range(20):
            engine.say("start", name="other")
            time.sleep(0.05)
        assert len(seen.after(mark, Outcome.FAIL, count=2)) <= 5
        assert sum("/events" in request for request in engine.requests) == 1


def test_no_such_container_fails_while_the_engine_answers(engine: Engine, seen: Collector) -> None:
    mark = len(seen.results)
    engine.container = None
    engine.say("destroy")
    assert seen.after(mark, Outcome.FAIL)[0].result == CheckResult(
        Outcome.FAIL, "no such container", decisive=True
    )
    assert len(seen.engine) == 1


def test_a_rename_away_is_noticed(engine: Engine, seen: Collector) -> None:
    mark = len(seen.results)
    engine.container = None
    engine.say("rename", name="web-old", oldName="/web")
    seen.after(mark, Outcome.FAIL)


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
    assert [trouble[:2] for trouble in seen.troubles] == [("docker", reason)]
    time.sleep(0.5)
    assert [s.result.outcome for s in seen.results[mark:]] == [Outcome.UNKNOWN]
    engine.mood = Mood.WELL
    engine.release.set()
    seen.after(mark, Outcome.PASS)
    wait_until(lambda: [connected for connected, _ in seen.engine] == [True, False, True])


def test_a_silent_engine_that_hangs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_engine, "SILENCE", 0.3)
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


def test_a_container_that_docker_is_about_to_start_again_does_not_run(
    engine: Engine, seen: Collector
) -> None:
    mark = len(seen.results)
    engine.change(Restarting=True, Status="restarting", ExitCode=1)
    engine.cut()
    assert seen.after(mark, Outcome.FAIL)[0].result.detail == "restarting, exit code 1"


def test_a_worker_without_memory_is_told_and_is_no_failure(engine: Engine, seen: Collector) -> None:
    mark = len(seen.results)
    engine.change(OOMKilled=True)
    engine.say("oom")
    assert seen.after(mark, Outcome.PASS)[0].result.detail == "running, but a process ran out of memory"
    engine.change(Running=False, Status="exited", ExitCode=137)
    engine.say("die", exitCode="137")
    assert seen.after(mark, Outcome.FAIL, count=2)[1].result.detail == "exited, exit code 137, out of memory"


def test_an_engine_that_forgets_the_lack_of_memory_of_a_worker_is_reminded(
    engine: Engine, seen: Collector
) -> None:
    mark = len(seen.results)
    engine.say("oom")
    assert seen.after(mark, Outcome.PASS)[0].result.detail == "running, but a process ran out of memory"
    engine.change(Running=False, Status="exited", ExitCode=0)
    engine.say("die", exitCode="0")
    assert seen.after(mark, Outcome.FAIL, count=2)[1].result.detail == "exited, exit code 0"
    engine.started("2026-02-02T00:00:00Z")
    engine.say("start")
    assert seen.after(mark, Outcome.PASS, count=2)[1].result.detail == "running"


def now() -> str:
    """When a life begins that follows a death of just now."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def crash(engine: Engine, seen: Collector, number: int) -> None:
    """The main process dies by itself, and Docker starts it again."""
    mark = len(seen.results)
    engine.change(Running=False, Status="exited", ExitCode=1)
    engine.say("die", exitCode="1")
    seen.wait(lambda: any(s.result.detail == "exited, exit code 1" for s in seen.results[mark:]))
    engine.started(now())
    assert engine.container is not None
    engine.container["RestartCount"] = number
    engine.say("start")


def test_a_container_that_crashes_again_and_again_has_to_stay_up_first(
    engine: Engine, seen: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart_loop, "STEADY", 0.5)
    monkeypatch.setattr(restart_loop, "WINDOW", 2.0)
    for number in (1, 2):
        crash(engine, seen, number)
        seen.after(len(seen.results) - 1, Outcome.PASS)
    mark = len(seen.results)
    crash(engine, seen, 3)
    assert seen.after(mark, Outcome.FAIL, count=3)[2].result.detail.startswith("running, but it crashed 3")
    assert Outcome.PASS in {s.result.outcome for s in seen.after(mark, Outcome.PASS)}


def test_deaths_that_somebody_asked_for_are_no_crashes(engine: Engine, seen: Collector) -> None:
    for _ in range(5):
        engine.say("kill", signal="9")
        time.sleep(0.05)  # it is seen to run still: the death is news
        crash(engine, seen, 0)
        seen.wait(lambda: last(seen).outcome is Outcome.PASS)
    engine.cut()
    seen.wait(lambda: last(seen).outcome is Outcome.PASS)
    assert not [s for s in seen.results if "crashed" in s.result.detail]


@pytest.mark.parametrize("mood", [Mood.WELL, Mood.HANGS])
def test_stop_is_quick_whatever_the_engine_does(engine: Engine, mood: Mood) -> None:
    engine.mood = mood
    collector = Collector()
    runner = CheckRunner(CHECKS, Docker(url=engine.url), collector)
    runner.start()
    wait_until(lambda: bool(engine.requests) and (mood is Mood.HANGS or bool(engine.streams)))
    started = time.monotonic()
    runner.stop(0.5)
    assert time.monotonic() - started < 0.7
    engine.release.set()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "docker"])


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["container", *EVENTS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Type", "Action", "Actor", "Attributes", "name", "ID", "State", "Health", "Status", "Pid"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(_JSON, st.text(max_size=40))
def test_no_reply_of_an_engine_raises(reply: object, started: str) -> None:
    event = parse_event(reply)
    assert event is None or event.action in EVENTS
    state = parse_inspect(reply)
    assert verdict(state).outcome in (Outcome.PASS, Outcome.FAIL)
    odd = ContainerState(ID, "", True, False, 0, started, "", 0, False)
    assert precedes(Died(ID, 5, ""), odd) in (True, False)


@pytest.mark.parametrize(
    ("at", "started", "earlier"),
    [
        (1_767_225_600_499_999_999, "2026-01-01T00:00:00.5Z", True),
        (1_767_225_600_500_000_000, "2026-01-01T00:00:00.5Z", False),
        (1_767_225_600_000_000_001, "2026-01-01T00:00:00.000000002Z", True),
        (0, "2026-01-01T00:00:00.5Z", False),
        (5, "nonsense", False),
    ],
)
def test_deaths_are_ordered_to_the_nanosecond(at: int, started: str, earlier: bool) -> None:
    state = ContainerState(ID, "", True, False, 0, started, "", 0, False)
    assert precedes(Died(ID, at, ""), state) is earlier
