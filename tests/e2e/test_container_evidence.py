"""Measurements of a container, and states that are none, with a real engine.

A state that the engine made is none, a further look at the same result is none, and what waited while the
sidecar itself stood still is history. REPEAT=20 repeats what depends on the moment as often.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator

import docker
import pytest

from sidecar.core.health.result import Outcome
from sidecar.core.stall import THAW
from tests.e2e.container_faults import touch
from tests.e2e.onlooker import Onlooker, onlooker
from tests.e2e.own_engine import OwnEngine
from tests.lateness import Lateness
from tests.netns.lab import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

REPEAT = int(os.environ.get("REPEAT", "2"))
NAME = "nginx-a"
MEASURED_EVERY = 2.0
HEALTH = ("--health-cmd=[ ! -e /sick ]", f"--health-interval={MEASURED_EVERY:g}s", "--health-retries=2")
STALL = 1.5
"""Seconds for which the check stands still: longer than any time-out that could hide a mistake here."""


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[OwnEngine]:
    with OwnEngine() as own:
        yield own


@pytest.fixture
def engine(shared_engine: OwnEngine) -> Iterator[OwnEngine]:
    shared_engine.run(NAME, options=HEALTH)
    yield shared_engine
    for name in shared_engine.docker("ps", "--all", "--quiet").split():
        shared_engine.docker("rm", "--force", name)


@pytest.fixture
def seen(engine: OwnEngine) -> Iterator[Onlooker]:
    """A check that knows the container as healthy."""
    with onlooker(engine.url, NAME) as collected:
        collected.wait(lambda: bool(collected.results) and "health healthy" in last(collected), 20)
        yield collected


def last(seen: Onlooker) -> str:
    return seen.results[-1].result.detail


def details(seen: Onlooker, mark: int) -> list[str]:
    return [each.result.detail for each in seen.results[mark:]]


def attach(engine: OwnEngine) -> None:
    argv = ["docker", "--host", engine.url, "attach", "--no-stdin", "--sig-proxy=false", NAME]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL) as process:
        time.sleep(0.1)
        process.kill()


def rename(engine: OwnEngine) -> None:
    engine.docker("rename", NAME, "web-old")
    engine.docker("rename", "web-old", NAME)


EVENTS: dict[str, Callable[[OwnEngine], object]] = {
    "USR1": lambda engine: engine.docker("kill", "--signal", "USR1", NAME),
    "USR2": lambda engine: engine.docker("kill", "--signal", "USR2", NAME),
    "HUP": lambda engine: engine.docker("kill", "--signal", "HUP", NAME),
    "exec": lambda engine: engine.docker("exec", NAME, "sleep", "0"),
    "rename": rename,
    "attach": attach,
}


@pytest.mark.parametrize("event", EVENTS)
def test_eight_events_are_no_further_failures_of_the_health_check(
    engine: OwnEngine, seen: Onlooker, event: str
) -> None:
    touch(engine, "sick")
    seen.wait(lambda: "its health check fails" in last(seen), 20)
    mark, since = len(seen.results), time.monotonic()
    for _ in range(8):
        EVENTS[event](engine)
    time.sleep(0.3)
    measured = 1 + int((time.monotonic() - since) / MEASURED_EVERY)
    assert len(details(seen, mark)) <= measured


def test_each_failed_run_of_the_health_check_is_one_more(engine: OwnEngine, seen: Onlooker) -> None:
    touch(engine, "sick")
    seen.wait(lambda: "its health check fails" in last(seen), 20)
    mark, since = len(seen.results), time.monotonic()
    seen.after(mark, Outcome.FAIL, count=2, timeout=30)
    assert time.monotonic() - since > MEASURED_EVERY


def test_what_is_left_of_a_pause_is_no_failed_health_check(engine: OwnEngine, seen: Onlooker) -> None:
    mark = len(seen.results)
    engine.docker("pause", NAME)
    seen.wait(lambda: last(seen) == "paused")
    with docker.APIClient(base_url=engine.url) as client:
        client.ping()
        client.unpause(NAME)
        # By a connection that is open: the next run of the health check is near.
        status = client.inspect_container(NAME)["State"]["Health"]["Status"]
    seen.after(mark, Outcome.PASS)
    time.sleep(0.5)
    assert status == "unhealthy", "the engine says so without having asked the container"
    assert "running, but its health check fails" not in details(seen, mark)


def test_one_failed_run_before_a_pause_makes_none_unhealthy(engine: OwnEngine, seen: Onlooker) -> None:
    touch(engine, "sick")
    with docker.APIClient(base_url=engine.url) as client:

        def failed() -> int:
            return int(client.inspect_container(NAME)["State"]["Health"]["FailingStreak"])

        wait_until(lambda: failed() == 1, 20, "one failed run")
        mark = len(seen.results)
        client.pause(NAME)
        client.unpause(NAME)
    seen.after(mark, Outcome.PASS)
    assert "running, but its health check fails" not in details(seen, mark)
    seen.wait(lambda: "its health check fails" in last(seen), 20)


def test_a_container_that_was_unhealthy_before_a_pause_is_unhealthy_after_it(
    engine: OwnEngine, seen: Onlooker
) -> None:
    touch(engine, "sick")
    seen.wait(lambda: "its health check fails" in last(seen), 20)
    mark = len(seen.results)
    engine.docker("pause", NAME)
    engine.docker("unpause", NAME)
    seen.wait(lambda: len(seen.results) > mark and "its health check fails" in last(seen), 10)
    assert seen.outcomes(mark) == {Outcome.FAIL}


@pytest.mark.timing
@pytest.mark.parametrize("first", ["check", "container"])
def test_a_pause_of_everything_leaves_no_failure_behind(
    engine: OwnEngine, seen: Onlooker, first: str
) -> None:
    """The order of pauses and of thaws is a matter of chance."""
    for _ in range(REPEAT):
        if first == "container":
            engine.docker("pause", NAME)
            seen.freeze()
        else:
            seen.freeze()
            engine.docker("pause", NAME)
        time.sleep(STALL)
        with seen.news:
            mark = len(seen.results)
        if first == "container":
            engine.docker("unpause", NAME)
            seen.thaw()
        else:
            with docker.APIClient(base_url=engine.url) as client:
                client.ping()  # so that the thaw of the container comes soon after
                seen.thaw()
                time.sleep(0.2)
                client.unpause(NAME)
        time.sleep(THAW + 1.0)
        # A finding from before its own pause may be told still; then it has looked again.
        assert Outcome.FAIL not in {each.result.outcome for each in seen.results[mark:]}
        seen.wait(lambda: last(seen).startswith("running"))


def test_a_container_that_was_started_anew_meanwhile_has_not_failed(
    engine: OwnEngine, seen: Onlooker
) -> None:
    for _ in range(REPEAT):
        mark = len(seen.results)
        seen.freeze()
        engine.docker("restart", "--time", "0", NAME)
        time.sleep(STALL)
        seen.thaw()
        time.sleep(2)
        assert Outcome.FAIL not in seen.outcomes(mark), details(seen, mark)


@pytest.mark.timing
def test_a_container_that_died_meanwhile_has_failed(
    engine: OwnEngine, seen: Onlooker, lateness: Lateness
) -> None:
    mark = len(seen.results)
    seen.freeze()
    engine.docker("kill", NAME)
    time.sleep(STALL)
    thawed = time.monotonic()
    seen.thaw()
    failure = seen.after(mark, Outcome.FAIL)[0]
    assert failure.at - thawed < 1.5 + lateness()
    assert failure.result.decisive


@pytest.mark.timing
def test_a_container_that_stays_paused_has_failed(
    engine: OwnEngine, seen: Onlooker, lateness: Lateness
) -> None:
    mark = len(seen.results)
    seen.freeze()
    engine.docker("pause", NAME)
    time.sleep(STALL)
    thawed = time.monotonic()
    seen.thaw()
    failure = seen.after(mark, Outcome.FAIL)[0]
    assert failure.result.detail == "paused"
    assert failure.at - thawed < THAW + 1.5 + lateness()
    engine.docker("unpause", NAME)
