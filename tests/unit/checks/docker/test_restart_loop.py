"""When a container counts as crashing again and again, in literal times."""

from dataclasses import replace
from math import inf

from sidecar.checks.docker.container_state import ContainerState, Health
from sidecar.checks.docker.restart_budget import MOST, RestartBudget
from sidecar.checks.docker.restart_loop import RestartLoop

FIRST = ContainerState("c1", "running", True, False, 1, "t0", Health(), 0, False)


def life(number: int, restarts: int | None = None, container: str = "c1") -> ContainerState:
    return replace(
        FIRST, id=container, started=f"t{number}", restarts=number if restarts is None else restarts
    )


def test_three_crashes_within_a_minute_make_a_loop_until_none_of_them_is_recent() -> None:
    loop = RestartLoop()
    loop.inspected(life(0), 0.0)
    for number, at in enumerate((5.0, 20.0, 50.0), 1):
        assert loop.until(at) == -inf
        loop.crashed(at)
        loop.inspected(life(number), at + 0.1)
    assert loop.until(51.0) == 65.0
    assert loop.until(65.0) == -inf


def test_the_last_life_must_last_ten_seconds_in_any_case() -> None:
    loop = RestartLoop()
    loop.inspected(life(0), 0.0)
    for number, at in enumerate((1.0, 30.0, 58.0), 1):
        loop.crashed(at)
        loop.inspected(life(number), at + 1)
    assert loop.until(59.0) == 69.0


def test_slow_crashes_are_no_loop() -> None:
    loop = RestartLoop()
    loop.inspected(life(0), 0.0)
    for number, at in enumerate((1.0, 40.0, 80.0, 120.0), 1):
        loop.crashed(at)
        loop.inspected(life(number), at + 1)
        assert loop.until(at + 2) == -inf


def test_docker_own_counter_tells_of_crashes_that_no_event_told() -> None:
    loop = RestartLoop()
    loop.inspected(life(7), 0.0)
    assert loop.until(0.0) == -inf, "what was before us is not known to be recent"
    loop.inspected(life(10), 5.0)
    assert loop.until(5.0) == 65.0


def test_a_crash_told_by_event_and_by_counter_is_one() -> None:
    loop = RestartLoop()
    loop.inspected(life(0), 0.0)
    for number in (1, 2):
        loop.crashed(float(number))
        loop.inspected(life(number - 1, restarts=number), number + 0.1)
        loop.inspected(life(number), number + 0.2)
    assert loop.until(3.0) == -inf


def test_a_new_container_of_the_same_name_begins_anew() -> None:
    loop = RestartLoop()
    loop.inspected(life(2), 0.0)
    loop.crashed(1.0)
    loop.inspected(life(0, container="c2"), 2.0)
    loop.inspected(life(1, container="c2"), 3.0)
    assert loop.until(3.0) == -inf


def test_restarts_wait_twice_as_long_each_time_and_end() -> None:
    budget, at, spent = RestartBudget(), 100.0, []
    for _ in range(MOST):
        at = max(at, budget.next_at(100.0))
        budget.spend(at)
        spent.append(at)
    assert spent == [102.0, 106.0, 114.0, 130.0, 162.0]
    assert budget.next_at(100.0) == 702.0


def test_restarts_long_ago_are_forgotten() -> None:
    budget = RestartBudget()
    for at in (1.0, 2.0, 3.0):
        budget.spend(at)
    assert budget.next_at(601.0) == 603.0
    assert budget.next_at(700.0) == 702.0
