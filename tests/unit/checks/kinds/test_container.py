"""The container check against an engine that plays all the parts a real one does, the bad ones too."""

import time
from datetime import UTC, datetime

import pytest

from sidecar.checks.docker import restart_loop
from sidecar.core.health.result import CheckResult, Outcome
from tests.lateness import Lateness
from tests.unit.checks.engine import Engine
from tests.unit.checks.stage import Collector, wait_until

pytestmark = pytest.mark.parts


def last(seen: Collector) -> CheckResult:
    return seen.results[-1].result


def test_a_running_container_passes_as_a_fact(seen: Collector) -> None:
    assert last(seen) == CheckResult(Outcome.PASS, "running", decisive=True)
    seen.wait(lambda: len(seen.engine) == 1)
    assert seen.engine[0][0] is True


@pytest.mark.timing
def test_die_is_a_fact_at_once_and_start_brings_it_back(
    engine: Engine, seen: Collector, lateness: Lateness
) -> None:
    mark, told = len(seen.results), time.monotonic()
    engine.change(Running=False, Status="exited", ExitCode=137)
    engine.say("die", exitCode="137")
    failure = seen.after(mark, Outcome.FAIL)[0]
    assert failure.at - told < 0.1 + lateness()
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
    seen.after(mark, Outcome.FAIL)
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
    engine.say("die", name="other", identity="cd" * 32)
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


def sick(streak: int, run: int) -> dict[str, object]:
    """The health of a container whose health check has run so often, and has failed the last times."""
    log = [{"End": f"2026-01-01T00:00:{run:02d}Z", "ExitCode": 1}]
    return {"Status": "unhealthy", "FailingStreak": streak, "Log": log}


def test_each_run_of_the_health_check_that_failed_is_one_vote(engine: Engine, seen: Collector) -> None:
    mark = len(seen.results)
    engine.change(Health=sick(3, 3))
    engine.say("health_status: unhealthy")
    assert not seen.after(mark, Outcome.FAIL)[0].result.decisive
    engine.change(Health=sick(4, 4))
    engine.cut()  # the next look
    seen.after(mark, Outcome.FAIL, count=2)
    mark = len(seen.results)
    engine.change(Health={"Status": "healthy", "FailingStreak": 0})
    engine.say("health_status: healthy")
    assert seen.after(mark, Outcome.PASS)[0].result.detail == "running, health healthy"


def test_a_further_look_at_the_same_result_is_no_vote(engine: Engine, seen: Collector) -> None:
    mark = len(seen.results)
    engine.change(Health=sick(3, 3))
    engine.say("health_status: unhealthy")
    seen.after(mark, Outcome.FAIL)
    looks = len(engine.requests)
    for _ in range(8):
        engine.say("kill", signal="10")
    wait_until(lambda: len(engine.requests) >= looks + 8)
    time.sleep(0.1)
    assert len(seen.results[mark:]) == 1


@pytest.mark.parametrize("streak", [0, 1, 2])
def test_unhealthy_without_enough_failed_runs_is_what_the_engine_made_of_it(
    engine: Engine, seen: Collector, streak: int
) -> None:
    mark = len(seen.results)
    engine.change(Health=sick(streak, 3))
    engine.say("unpause")
    passed = seen.after(mark, Outcome.PASS)[0].result
    assert passed.detail == "running, health not measured since it was paused or the engine restarted"
    assert seen.outcomes(mark) == {Outcome.PASS}


@pytest.mark.parametrize("anew", [{"Status": "starting"}, {"Status": "unhealthy"}], ids=lambda e: e["Status"])
def test_one_that_was_unhealthy_is_not_well_because_the_engine_counts_anew(
    engine: Engine, seen: Collector, anew: dict[str, object]
) -> None:
    """After a pause of a sick container, or a restart of the engine, whose containers live on."""
    mark = len(seen.results)
    engine.change(Health=sick(3, 3))
    engine.say("health_status: unhealthy")
    seen.after(mark, Outcome.FAIL)
    mark = len(seen.results)
    engine.change(Health={**anew, "FailingStreak": 0})
    engine.say("unpause")
    seen.after(mark, Outcome.UNKNOWN)
    assert Outcome.PASS not in seen.outcomes(mark)
    engine.change(Health={"Status": "healthy", "FailingStreak": 0})
    engine.say("health_status: healthy")
    seen.after(mark, Outcome.PASS)


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
    # Once, if a look of before finds it dead between the two lines above; else after what the event says.
    seen.wait(lambda: last(seen).detail == "exited, exit code 137, out of memory")


def test_an_engine_that_forgets_the_lack_of_memory_of_a_worker_is_reminded(
    engine: Engine, seen: Collector
) -> None:
    mark = len(seen.results)
    engine.say("oom")
    assert seen.after(mark, Outcome.PASS)[0].result.detail == "running, but a process ran out of memory"
    engine.change(Running=False, Status="exited", ExitCode=0)
    engine.say("die", exitCode="0")
    seen.wait(lambda: last(seen).detail == "exited, exit code 0")
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
    monkeypatch.setattr(restart_loop, "WINDOW", 5.0)
    for number in (1, 2):
        crash(engine, seen, number)
        seen.after(len(seen.results) - 1, Outcome.PASS)
    mark = len(seen.results)
    crash(engine, seen, 3)
    crashed = "running, but it crashed 3"
    seen.wait(lambda: any(each.result.detail.startswith(crashed) for each in seen.results[mark:]))
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
