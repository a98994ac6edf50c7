"""Clocks set wrong and right again: who hears whom (docs/adr/0009-authentication-clock.md)."""

from itertools import permutations
from math import floor
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.core.wire.advert import Drop
from tests.unit.core.router.signers import DAY, HEARD, WINDOW, Host, params, talk, wall_errors

STEPS = [-DAY, -WINDOW - 1, -3.0, -1.0, 1.0, 3.0, WINDOW + 1, DAY]


# ---- a step on a running host


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("stepped", [(1,), (2,), (1, 2)], ids=["master", "backup", "both"])
def test_a_step_of_the_wall_clock_is_not_noticed(step: float, stepped: tuple[int, ...]) -> None:
    master, backup = Host(1), Host(2)
    assert set(talk(master, backup, start=0, end=10)) == HEARD
    for host in (master, backup):
        if host.number in stepped:
            host.set_wall(step)
    assert set(talk(master, backup, start=10, end=60)) == HEARD
    for host in (master, backup):
        host.set_wall(0.0)
    assert set(talk(master, backup, start=60, end=90)) == HEARD
    assert set(talk(backup, master, start=90, end=120)) == HEARD


@given(st.lists(st.tuples(st.sampled_from((0, 1)), wall_errors, st.booleans()), max_size=30))
def test_no_series_of_wrong_clocks_comes_between_running_hosts(steps: list[tuple[int, float, bool]]) -> None:
    hosts = (Host(1), Host(2))
    for at, (which, wrong, spoken) in enumerate(steps):
        hosts[which].set_wall(wrong)
        if spoken:
            assert talk(hosts[which], hosts[1 - which], start=at, end=at + 1) == [None]
    for by, to in permutations(hosts):
        assert talk(by, to, start=len(steps), end=len(steps) + 1) == [None]


def test_small_corrections_of_a_drifting_host_are_followed() -> None:
    drifting, truthful = Host(1), Host(2)
    for correction in range(1, 20):
        drifting.set_wall(2.0 * correction)
        truthful.set_wall(2.0 * correction)
    newcomer = Host(3, wrong=38.0)
    assert set(talk(drifting, newcomer, start=0, end=5)) == HEARD
    assert set(talk(truthful, newcomer, start=0, end=5)) == HEARD


# ---- a process that starts with a wrong clock


@pytest.mark.parametrize("wrong", [-DAY, DAY])
def test_a_clock_wrong_at_the_start_is_given_up_when_it_is_set_right_and_a_peer_speaks(wrong: float) -> None:
    late, peer = Host(1, wrong=wrong), Host(2)
    assert set(talk(peer, late, start=0, end=5)) == {Drop.AUTH_STALE}
    assert set(talk(late, peer, start=0, end=5)) == {Drop.AUTH_STALE}
    late.set_wall(0.0)
    assert peer.hear(late.say(5), 5) is Drop.AUTH_STALE
    assert late.hear(peer.say(5), 5) is None
    assert peer.hear(late.say(5.01), 5.01) is None


@pytest.mark.parametrize("wrong", [-DAY, DAY])
def test_a_pair_that_was_wrong_together_goes_along_with_the_first_who_starts_right(wrong: float) -> None:
    first, second = Host(1, wrong=wrong), Host(2, wrong=wrong)
    assert set(talk(first, second, start=0, end=5)) == HEARD
    first.set_wall(0.0)
    second.set_wall(0.0)
    assert set(talk(first, second, start=5, end=10)) == HEARD
    second.restart()
    assert second.hear(first.say(10), 10) is Drop.AUTH_STALE
    assert first.hear(second.say(13), 13) is None
    assert second.hear(first.say(13.01), 13.01) is None


@pytest.mark.parametrize(("wrong", "other"), [(-DAY, -2 * DAY), (DAY, -DAY), (3600.0, 7200.0), (-60.0, 0.0)])
def test_two_that_were_wrong_apart_meet_once_both_clocks_are_right(wrong: float, other: float) -> None:
    hosts = (Host(1, wrong=wrong), Host(2, wrong=other))
    for host in hosts:
        host.set_wall(0.0)
    for by, to in permutations(hosts):
        talk(by, to, start=0, end=2 * int(WINDOW) + 4)
    for by, to in permutations(hosts):
        assert set(talk(by, to, start=20, end=30)) == HEARD


events = st.tuples(
    st.integers(0, 2),
    st.sampled_from(("set", "restart", "speak", "speak", "wait", "replay")),
    st.floats(-3 * WINDOW, 3 * WINDOW) | st.sampled_from((-DAY, DAY, -3600.0, 3600.0)),
)
ORDER: Final = 2 * WINDOW + 3
"""Seconds of adverts once a second after which all hear each other."""


def live_through(history: list[tuple[int, str, float]], hosts: list[Host]) -> float:
    """Let all of it happen, and return when it is over. What was said last is repeated to one host."""
    at, recorded = 0.0, []
    for which, what, amount in history:
        host = hosts[which % len(hosts)]
        if what == "set":
            host.set_wall(amount)
        elif what == "restart":
            host.restart()
        elif what == "wait":
            at += abs(amount)
        elif what == "speak":
            recorded.append(host.say(at))
            for to in set(range(len(hosts))) - {which % len(hosts)}:
                hosts[to].hear(recorded[-1], at)
        else:
            for said in recorded[-8:]:
                at += 0.9
                host.hear(said, at)
        at += 0.1
    return at


@settings(max_examples=300)
@given(st.integers(2, 3), st.lists(events, max_size=25))
def test_whatever_happened_all_hear_each_other_again_after_their_clocks_are_right(
    count: int, history: list[tuple[int, str, float]]
) -> None:
    hosts = [Host(number + 1) for number in range(count)]
    start = floor(live_through(history, hosts)) + 1
    for host in hosts:
        host.set_wall(0.0)
    for second in range(start, start + 60):
        heard = {to.hear(by.say(second), second) for by, to in permutations(hosts, 2)}
        assert heard == HEARD or second - start <= ORDER


# ---- the sender


@pytest.mark.parametrize("wrong", [-2.0, 2.0])
def test_a_sequence_never_falls_while_a_small_step_back_is_made_up_for(wrong: float) -> None:
    master, backup = Host(1), Host(2)
    assert set(talk(master, backup, start=0, end=5)) == HEARD
    master.set_wall(wrong)
    assert backup.hear(master.say(4.5), 4.5) is None
    assert backup.hear(master.say(4.5), 4.5) is None


def test_a_sender_that_comes_back_from_the_future_is_heard_after_one_window() -> None:
    """Both were two hours ahead and set right; the master starts anew: its last mark binds for a window."""
    master, backup = Host(1, wrong=7200.0), Host(2, wrong=7200.0)
    assert set(talk(master, backup, start=0, end=10)) == HEARD
    backup.set_wall(0.0)
    master.wrong = 0.0
    master.restart()
    outcome = [backup.hear(master.say(float(at)), float(at)) for at in range(10, 20)]
    assert outcome == [Drop.AUTH_REPLAY] * 5 + [None] * 5


def test_a_wide_window_counts_too() -> None:
    master, backup = (Host(number, params=params(window=300.0)) for number in (1, 2))
    assert backup.hear(master.say(0), 299) is None
    assert backup.hear(master.say(1), 302) is Drop.AUTH_STALE
