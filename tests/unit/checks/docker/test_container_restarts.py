"""`on_fail: restart`: what is restarted, what is left alone, and what happens where it is forbidden."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sidecar.checks.docker import container_restarts, restart_budget
from sidecar.checks.docker import engine as docker_engine
from sidecar.checks.runner import CheckRunner
from sidecar.core.health.result import Outcome
from sidecar.plan.check import ContainerCheck
from sidecar.plan.container import ContainerSelection
from sidecar.plan.services import Docker
from tests.unit.checks.engine import Engine
from tests.unit.checks.stage import Collector, wait_until

pytestmark = pytest.mark.parts

CHECKS = [ContainerCheck("nginx", ContainerSelection("web"), restart=True)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restart_budget, "PAUSE", 0.1)
    monkeypatch.setattr(container_restarts, "LOOK_AGAIN", 0.1)
    # No engine hangs here: it answers out of this very process, which a busy machine makes wait.
    monkeypatch.setattr(docker_engine, "_CALL_TIMEOUT", 10)


@contextmanager
def at_work(
    engine: Engine, checks: list[ContainerCheck] | None = None
) -> Iterator[tuple[CheckRunner, Collector]]:
    """A runner whose container was up once."""
    seen = Collector()
    runner = CheckRunner(checks or CHECKS, Docker(url=engine.url), seen)
    runner.start()
    try:
        seen.after(0, Outcome.PASS)
        wait_until(lambda: bool(engine.streams))
        runner.verdict("nginx", up=True)
        yield runner, seen
    finally:
        runner.stop(5.0)


def exited(engine: Engine, **state: object) -> None:
    engine.change(**{"Running": False, "Status": "exited", "ExitCode": 1, **state})


def asked(engine: Engine) -> list[str]:
    return [request for request in engine.requests if request.startswith("POST")]


def test_a_container_that_is_down_is_restarted_once_and_comes_back(engine: Engine) -> None:
    with at_work(engine) as (runner, seen):
        exited(engine)
        engine.say("die", exitCode="1")
        seen.after(0, Outcome.FAIL)
        mark = len(seen.results)
        runner.verdict("nginx", up=False)
        seen.after(mark, Outcome.PASS)
        runner.verdict("nginx", up=True)
        time.sleep(0.5)
    assert asked(engine) == ["POST /v1.44/containers/web/restart?t=10"]
    assert seen.restarts == [("nginx", "ok", "container web was restarted: its check was down", False)]


def test_an_unhealthy_container_is_restarted(engine: Engine) -> None:
    with at_work(engine) as (runner, seen):
        engine.change(Health={"Status": "unhealthy"})
        runner.verdict("nginx", up=False)
        seen.wait(lambda: bool(seen.restarts))


def test_a_restart_that_does_not_help_is_repeated_with_growing_pauses_and_ends(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart_budget, "MOST", 3)
    engine.restarts = 500
    with at_work(engine) as (runner, seen):
        exited(engine)
        runner.verdict("nginx", up=False)
        seen.wait(lambda: len(seen.restarts) == 3)
        time.sleep(1.5)
    assert [result for _, result, _, _ in seen.restarts] == ["failed"] * 3
    assert len(asked(engine)) == 3


def test_where_restarts_are_forbidden_this_is_said_once(engine: Engine) -> None:
    engine.restarts = 403
    with at_work(engine) as (runner, seen):
        exited(engine)
        runner.verdict("nginx", up=False)
        seen.wait(lambda: len(seen.restarts) >= 3)
    detail = "container web was not restarted: the Docker engine answered with status 403"
    assert seen.restarts[:3] == [("nginx", "denied", detail, quiet) for quiet in (False, True, True)]
    assert seen.troubles == []


@pytest.mark.parametrize(
    "state",
    [
        {"Status": "restarting", "Running": True, "Restarting": True},
        {"Status": "paused", "Running": True, "Paused": True},
        {"Status": "created"},
        {"Status": "removing"},
        {"Status": "running", "Running": True},
    ],
    ids=lambda state: state["Status"],
)
def test_what_a_restart_does_not_mend_is_left_alone(engine: Engine, state: dict[str, object]) -> None:
    with at_work(engine) as (runner, seen):
        exited(engine, **state)
        runner.verdict("nginx", up=False)
        time.sleep(0.6)
    assert asked(engine) == []
    assert seen.restarts == []


def test_what_somebody_stopped_stays_stopped(engine: Engine) -> None:
    with at_work(engine) as (runner, seen):
        exited(engine, ExitCode=0)
        for event in ("kill", "die", "stop"):
            engine.say(event)
        seen.after(0, Outcome.FAIL)
        wait_until(lambda: sum("/json" in request for request in engine.requests) >= 4)
        runner.verdict("nginx", up=False)
        time.sleep(0.6)
    assert asked(engine) == []


def test_what_was_never_up_is_not_started(engine: Engine) -> None:
    exited(engine)
    seen = Collector()
    runner = CheckRunner(CHECKS, Docker(url=engine.url), seen)
    runner.start()
    try:
        seen.after(0, Outcome.FAIL)
        runner.verdict("nginx", up=False)
        time.sleep(0.6)
    finally:
        runner.stop(5.0)
    assert asked(engine) == []


def test_without_on_fail_nothing_is_restarted(engine: Engine) -> None:
    with at_work(engine, [ContainerCheck("nginx", ContainerSelection("web"))]) as (runner, _):
        exited(engine)
        runner.verdict("nginx", up=False)
        time.sleep(0.6)
    assert asked(engine) == []


def test_a_missing_container_is_left_alone(engine: Engine) -> None:
    with at_work(engine) as (runner, _):
        engine.container = None
        runner.verdict("nginx", up=False)
        time.sleep(0.6)
    assert asked(engine) == []
