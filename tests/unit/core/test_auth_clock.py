"""Clocks set wrong and right again: who hears whom (docs/adr/0009-authentication-clock.md)."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.core.vrrp import Drop
from tests.unit.core.signers import DAY, WINDOW, Host, params, spoilt, talk

HEARD = {None}
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


wall_errors = st.one_of(
    st.floats(-WINDOW / 4, WINDOW / 4), st.floats(2 * WINDOW, 1e9), st.floats(-1e9, -2 * WINDOW)
)


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
    st.sampled_from(("set", "restart", "speak", "speak", "wait")),
    st.floats(-3 * WINDOW, 3 * WINDOW) | st.sampled_from((-DAY, DAY, -3600.0, 3600.0)),
)


@settings(max_examples=300)
@given(st.integers(2, 3), st.lists(events, max_size=25))
def test_whatever_happened_all_hear_each_other_again_after_their_clocks_are_right(
    count: int, history: list[tuple[int, str, float]]
) -> None:
    hosts, at = [Host(number + 1) for number in range(count)], 0.0
    for which, what, amount in history:
        host = hosts[which % count]
        if what == "set":
            host.set_wall(amount)
        elif what == "restart":
            host.restart()
        elif what == "wait":
            at += abs(amount)
        else:
            said = host.say(at)
            for to in hosts:
                if to is not host:
                    to.hear(said, at)
        at += 0.1
    for host in hosts:
        host.set_wall(0.0)
    heard: set[Drop | None] = set()
    for second in range(int(at) + 1, int(at) + 60):
        heard = {to.hear(by.say(second), second) for by, to in permutations(hosts, 2)}
    assert heard == HEARD


# ---- what a wrong clock does not open


def test_a_clock_set_back_does_not_make_an_old_recording_new() -> None:
    master, backup = Host(1), Host(2)
    recorded = [master.say(float(at), 0) for at in range(5)]
    talk(master, backup, start=3600, end=3605)
    backup.set_wall(-3600.0)
    assert {backup.hear(said, 3605.0) for said in recorded} == {Drop.AUTH_REPLAY}
    assert set(talk(backup, master, start=3606, end=3610)) == HEARD
    assert set(talk(master, backup, start=3606, end=3610)) == HEARD


def test_a_recording_is_no_evidence_while_the_clock_is_believed() -> None:
    master, backup = Host(1), Host(2)
    recorded = master.say(0)
    assert {backup.hear(recorded, 3600.0 + at) for at in range(20)} == {Drop.AUTH_STALE}
    assert set(talk(master, backup, start=3620, end=3625)) == HEARD


def test_a_recording_is_no_evidence_before_it_has_gone_on_for_a_window() -> None:
    master, backup = Host(1), Host(2)
    recorded = master.say(0)
    backup.set_wall(DAY)
    assert {backup.hear(recorded, 3600.0 + at) for at in range(int(WINDOW) + 1)} == {Drop.AUTH_STALE}
    assert set(talk(backup, master, start=3610, end=3615)) == HEARD


def test_what_was_not_evidence_in_an_earlier_doubt_is_none_in_a_later_one() -> None:
    master, backup = Host(1), Host(2)
    recorded = master.say(0)
    for at in (3600.0, 7200.0):
        backup.set_wall(DAY)
        assert backup.hear(recorded, at) is Drop.AUTH_STALE
        backup.set_wall(0.0)
    assert set(talk(backup, master, start=7201, end=7205)) == HEARD


def test_what_was_said_in_a_future_that_was_left_is_not_heard_again() -> None:
    master, backup, truthful = Host(1, wrong=7200.0), Host(2, wrong=7200.0), Host(3)
    recorded = master.say(0)
    assert backup.hear(recorded, 0) is None
    backup.set_wall(0.0)
    assert set(talk(truthful, backup, start=0, end=3)) == HEARD
    assert backup.hear(recorded, 3) is Drop.AUTH_REPLAY


@pytest.mark.parametrize("wrong", [-DAY, DAY])
def test_a_recording_cannot_lead_away_who_hears_genuine_adverts(wrong: float) -> None:
    master, backup = Host(1), Host(2)
    recorded = master.say(0)
    backup.set_wall(wrong)
    for at in range(3600, 3620):
        assert backup.hear(recorded, at) is Drop.AUTH_STALE
        assert talk(master, backup, start=at, end=at + 1) == [None]


def test_a_forged_packet_is_no_evidence() -> None:
    master, backup = Host(1), Host(2)
    backup.set_wall(DAY)
    message_, trailer, source = Host(1, wrong=3600.0).say(0)
    for at in range(20):
        assert backup.hear((message_, spoilt(trailer), source), at) is Drop.AUTH_STALE
    assert set(talk(master, backup, start=20, end=25)) == HEARD


def test_a_forgery_fresh_by_the_doubted_clock_is_no_evidence() -> None:
    master, backup = Host(1), Host(2)
    backup.set_wall(DAY)
    message_, trailer, source = Host(1, wrong=DAY).say(0)
    assert backup.hear((message_, spoilt(trailer), source), 0) is Drop.AUTH_HMAC
    assert set(talk(backup, master, start=1, end=5)) == HEARD


moments = st.tuples(
    st.sampled_from((1, 2)), st.none() | wall_errors, st.sampled_from((1.0, WINDOW, 10 * WINDOW, DAY))
)


@given(st.lists(moments, max_size=20), st.data())
def test_no_recording_of_a_sender_that_is_heard_counts_whatever_is_done_to_the_clocks(
    history: list[tuple[int, float | None, float]], data: st.DataObject
) -> None:
    """Also none that was withheld from the receiver, and so is new to it."""
    master, backup, at = Host(1), Host(2), 0.0
    recorded = []
    for which, wrong, seconds in history:
        at += seconds
        if wrong is not None:
            (master, backup)[which - 1].set_wall(wrong)
        recorded.append(master.say(at))
        assert backup.hear(master.say(at), at) is None
        for said in data.draw(st.lists(st.sampled_from(recorded), max_size=5)):
            assert backup.hear(said, at) in (Drop.AUTH_REPLAY, Drop.AUTH_STALE)
            assert backup.hear(said, at + WINDOW - 0.01) in (Drop.AUTH_REPLAY, Drop.AUTH_STALE)


def test_recordings_alone_do_nothing_to_hosts_whose_clocks_are_right() -> None:
    silent, master, backup = Host(1), Host(2), Host(3)
    recorded = [silent.say(float(at), 255) for at in range(5)]
    for at in range(60, 120):
        assert {backup.hear(said, at) for said in recorded} == {Drop.AUTH_STALE}
    assert set(talk(master, backup, start=120, end=125)) == HEARD


# ---- what a wrong clock does open


def test_a_clock_set_back_by_a_day_lets_yesterday_speak_for_the_silent_and_not_for_the_heard() -> None:
    silent, master, backup = Host(1), Host(2), Host(3)
    recorded = [silent.say(float(at)) for at in range(5)]
    assert set(talk(master, backup, start=int(DAY), end=int(DAY) + 5)) == HEARD
    backup.set_wall(-DAY)
    assert backup.hear(recorded[4], DAY + 5) is None
    assert {backup.hear(said, DAY + 5) for said in recorded} == {Drop.AUTH_REPLAY}
    assert set(talk(master, backup, start=int(DAY) + 6, end=int(DAY) + 9)) == HEARD


def test_recordings_lead_a_lonely_host_to_its_wrong_clock_and_it_is_back_when_that_is_right() -> None:
    master, backup = Host(1), Host(2)
    recorded = backup.say(0)
    master.set_wall(DAY)
    for at in range(3600, 3608):
        assert master.hear(recorded, at) is Drop.AUTH_STALE
    assert backup.hear(master.say(3608), 3608) is Drop.AUTH_STALE
    master.set_wall(0.0)
    assert set(talk(backup, master, start=3609, end=3612)) == HEARD
    assert set(talk(master, backup, start=3612, end=3615)) == HEARD


@pytest.mark.parametrize("wrong", [-10.0, DAY, -DAY])
@pytest.mark.parametrize("talked", [True, False])
def test_adverts_that_waited_while_we_were_stopped_do_not_lead_away(wrong: float, *, talked: bool) -> None:
    """Ten seconds of adverts are read at once, by a host whose clock has been set wrong before."""
    master, backup = Host(1), Host(2)
    assert not talked or set(talk(master, backup, start=0, end=10)) == HEARD
    backup.set_wall(wrong)
    waited = [master.say(float(at)) for at in range(10, 21)]
    assert [backup.hear(said, 20.0) for said in waited][-1] is None
    assert set(talk(master, backup, start=21, end=40)) == HEARD
    assert set(talk(backup, master, start=40, end=45)) == HEARD


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
