"""The last outcome of each hook, and until when a failure is worth a look."""

from math import inf

import pytest

from sidecar.core.actions import RunHook
from sidecar.core.hook import Hook, HookResult
from sidecar.core.state import State
from sidecar.telemetry.hook_outcomes import FAILURES, HookOutcomes


def run(hook: Hook, router: str = "web") -> RunHook:
    return RunHook(router, hook, 1.0, State.MASTER, 250, inf)


def failing(outcomes: HookOutcomes) -> list[Hook]:
    return [each.hook for each in outcomes.shown if each.failing]


@pytest.mark.parametrize("result", sorted(FAILURES))
def test_a_failure_is_shown_until_a_later_hook_of_the_router_succeeds(result: HookResult) -> None:
    outcomes = HookOutcomes()
    outcomes.note(run(Hook.POST_ACQUIRE), result, "why", 0.5, 10.0)
    outcomes.note(run(Hook.ON_CHECK), result, "why", 0.5, 10.0)
    outcomes.note(run(Hook.POST_RELEASE, "other"), HookResult.OK, "", 0.5, 11.0)
    assert failing(outcomes) == [Hook.POST_ACQUIRE, Hook.ON_CHECK]
    outcomes.note(run(Hook.POST_RELEASE), HookResult.OK, "", 0.5, 12.0)
    assert failing(outcomes) == [Hook.ON_CHECK]
    outcomes.note(run(Hook.ON_CHECK), HookResult.OK, "", 0.5, 13.0)
    assert failing(outcomes) == []
    assert {each.hook: each.failures for each in outcomes.shown if each.router == "web"} == {
        Hook.POST_ACQUIRE: 1,
        Hook.ON_CHECK: 1,
        Hook.POST_RELEASE: 0,
    }


def test_what_was_superseded_is_no_outcome() -> None:
    outcomes = HookOutcomes()
    outcomes.note(run(Hook.POST_ACQUIRE), HookResult.SUPERSEDED, "", 0.0, 10.0)
    assert outcomes.shown == ()


def test_routers_and_hooks_that_are_gone_are_forgotten() -> None:
    outcomes = HookOutcomes()
    for name in ("web", "other"):
        for hook in (Hook.POST_ACQUIRE, Hook.ON_CHECK):
            outcomes.note(run(hook, name), HookResult.FAILED, "", 0.1, 10.0)
    outcomes.keep([("other", Hook.POST_ACQUIRE)])
    assert [(each.router, each.hook) for each in outcomes.shown] == [("other", Hook.POST_ACQUIRE)]
