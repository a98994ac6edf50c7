"""The order of hooks: one at a time, what is waited for first, and the latest state wins."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.actions import RunHook
from sidecar.core.hook import Hook
from sidecar.core.state import State
from sidecar.hooks.lane import Lane


def run(hook: Hook, at: float = 1.0, state: State = State.BACKUP, check: str = "") -> RunHook:
    return RunHook("web", hook, at, state, 100, at + 0.5 if hook.waited_for else inf, check)


def test_one_runs_and_the_others_wait_in_their_order() -> None:
    lane = Lane()
    first, second = run(Hook.POST_FAULT), run(Hook.ON_CHECK, check="nginx")
    assert not lane.ask(first).dropped
    assert lane.next() is first
    lane.ask(second)
    assert lane.next() is None
    lane.ended()
    assert lane.next() is second


def test_the_latest_state_wins() -> None:
    lane = Lane()
    running, old, new = run(Hook.POST_FAULT), run(Hook.POST_RELEASE), run(Hook.POST_ACQUIRE)
    lane.ask(running)
    lane.next()
    lane.ask(old)
    found = lane.ask(new)
    assert found.dropped == (old,)
    assert not found.end
    lane.ended()
    assert lane.next() is new


def test_of_each_check_the_last_verdict_is_told() -> None:
    lane = Lane()
    lane.ask(run(Hook.POST_FAULT))
    lane.next()
    old, other = run(Hook.ON_CHECK, check="nginx"), run(Hook.ON_CHECK, check="gateway")
    lane.ask(old)
    lane.ask(other)
    new = run(Hook.ON_CHECK, 2.0, check="nginx")
    assert lane.ask(new).dropped == (old,)
    assert lane.waiting == [other, new]


def test_what_is_waited_for_goes_first_and_ends_what_runs() -> None:
    lane = Lane()
    lane.ask(run(Hook.POST_RELEASE))
    lane.next()
    check, stale = run(Hook.ON_CHECK, check="nginx"), run(Hook.POST_FAULT)
    lane.ask(check)
    lane.ask(stale)
    waited = run(Hook.PRE_ACQUIRE)
    found = lane.ask(waited)
    assert found.end
    assert found.dropped == (stale,)
    assert lane.waiting == [waited, check]


def test_only_what_was_asked_for_then_is_cancelled() -> None:
    lane = Lane()
    waited = run(Hook.PRE_RELEASE, 2.0)
    lane.ask(waited)
    assert not lane.cancel(1.0).dropped
    assert lane.cancel(2.0).dropped == (waited,)
    lane.ask(waited)
    lane.next()
    assert lane.cancel(2.0).end
    lane.ended()
    lane.ask(run(Hook.POST_RELEASE, 2.0))
    lane.next()
    assert not lane.cancel(2.0).end


@given(st.lists(st.tuples(st.sampled_from(Hook), st.sampled_from(("", "a", "b")), st.booleans())))
def test_each_request_ends_once_and_the_last_about_a_state_is_run(
    asked: list[tuple[Hook, str, bool]],
) -> None:
    """Every request is dropped or begins, and nothing about an earlier state begins after a later one."""
    lane, begun, dropped = Lane(), list[RunHook](), list[RunHook]()

    def begin() -> None:
        while (following := lane.next()) is not None:
            begun.append(following)
            lane.ended()

    requests = [run(hook, float(at), check=check) for at, (hook, check, _) in enumerate(asked)]
    for request, (_, _, proceeds) in zip(requests, asked, strict=True):
        dropped += lane.ask(request).dropped
        if proceeds:
            begin()
    begin()
    assert sorted(each.asked_at for each in (*begun, *dropped)) == [each.asked_at for each in requests]
    states = [each for each in begun if each.hook is not Hook.ON_CHECK]
    assert states == sorted(states, key=lambda each: each.asked_at)
    last = [each for each in requests if each.hook is not Hook.ON_CHECK][-1:]
    assert states[-1:] == last
