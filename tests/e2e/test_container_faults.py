"""The container check and `on_fail: restart` against a real engine: loops, memory, restarts."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.checks.runner import CheckRunner
from sidecar.core.health.result import Outcome
from sidecar.plan.check import ContainerCheck
from sidecar.plan.container import ContainerSelection
from sidecar.plan.services import Docker
from tests.e2e.own_engine import OwnEngine
from tests.e2e.proxy import proxy
from tests.unit.checks.stage import Collector, running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

CHECKS = [ContainerCheck("nginx", ContainerSelection("nginx-a"))]
RESTARTED = [ContainerCheck("nginx", ContainerSelection("nginx-a"), restart=True)]


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[OwnEngine]:
    with OwnEngine() as own:
        yield own


@pytest.fixture
def engine(shared_engine: OwnEngine) -> Iterator[OwnEngine]:
    yield shared_engine
    shared_engine.docker("rm", "--force", "nginx-a")


def test_a_container_that_docker_restarts_again_and_again_fails_until_it_stays_up(engine: OwnEngine) -> None:
    # It dies after a second: long enough to look well, too short for Docker to forget its back-off.
    engine.run("nginx-a", "sh", "-c", "sleep 1; exit 3", options=("--restart=always",))
    with running(CHECKS, Docker(url=engine.url)) as seen:
        seen.wait(lambda: any("crashed 3 times" in s.result.detail for s in seen.results), 30)
        mark = len(seen.results)
        time.sleep(6)
        assert seen.outcomes(mark) == {Outcome.FAIL}
        assert any("restarting, exit code 3" in s.result.detail for s in seen.results)


def test_one_crash_that_docker_mends_is_a_failure_and_a_pass(engine: OwnEngine) -> None:
    engine.run("nginx-a", options=("--restart=always",))
    with running(CHECKS, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.PASS)
        mark = len(seen.results)
        engine.crash("nginx-a")
        assert seen.after(mark, Outcome.FAIL)[0].result.decisive
        seen.after(mark, Outcome.PASS)


def test_a_main_process_without_memory_is_named_so(engine: OwnEngine) -> None:
    hog = "sleep 1; x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"
    engine.run("nginx-a", "sh", "-c", hog, options=("--memory=16m", "--memory-swap=16m"))
    with running(CHECKS, Docker(url=engine.url)) as seen:
        seen.wait(lambda: any(s.result.outcome is Outcome.FAIL for s in seen.results), 20)
        seen.wait(lambda: seen.results[-1].result.detail == "exited, exit code 137, out of memory")


def restarter(engine_url: str) -> tuple[CheckRunner, Collector]:
    seen = Collector()
    runner = CheckRunner(RESTARTED, Docker(url=engine_url), seen)
    runner.start()
    seen.after(0, Outcome.PASS)
    runner.verdict("nginx", up=True)
    return runner, seen


def test_a_crashed_container_is_restarted(engine: OwnEngine, tmp_path: Path) -> None:
    engine.run("nginx-a")
    with proxy(tmp_path / "proxy", engine.socket, restarts=True) as allowed:
        runner, seen = restarter(allowed.url)
        try:
            mark = len(seen.results)
            engine.crash("nginx-a")
            seen.after(mark, Outcome.FAIL)
            died = time.monotonic()
            runner.verdict("nginx", up=False)
            back = seen.after(mark, Outcome.PASS)[0].at
            assert 1.9 < back - died < 10.0, "2 s, and the time that the engine needs"
            seen.wait(lambda: [result for _, result, _, _ in seen.restarts] == ["ok"])
        finally:
            runner.stop(5.0)


def test_a_filter_that_forbids_restarts_costs_one_warning_and_no_check(
    engine: OwnEngine, tmp_path: Path
) -> None:
    engine.run("nginx-a")
    with proxy(tmp_path / "proxy", engine.socket) as read_only:
        runner, seen = restarter(read_only.url)
        try:
            mark = len(seen.results)
            engine.crash("nginx-a")
            seen.after(mark, Outcome.FAIL)
            runner.verdict("nginx", up=False)
            seen.wait(lambda: len(seen.restarts) == 2, 15)
            assert [(result, quiet) for _, result, _, quiet in seen.restarts] == [
                ("denied", False),
                ("denied", True),
            ]
            assert seen.troubles == []
            mark = len(seen.results)
            engine.docker("start", "nginx-a")
            seen.after(mark, Outcome.PASS)
        finally:
            runner.stop(5.0)


def test_what_was_stopped_by_hand_stays_stopped(engine: OwnEngine) -> None:
    engine.run("nginx-a")
    runner, seen = restarter(engine.url)
    try:
        mark = len(seen.results)
        engine.docker("stop", "--time", "0", "nginx-a")
        seen.after(mark, Outcome.FAIL)
        runner.verdict("nginx", up=False)
        time.sleep(5)
        assert seen.restarts == []
        assert engine.docker("inspect", "--format", "{{.State.Status}}", "nginx-a") == "exited"
    finally:
        runner.stop(5.0)
