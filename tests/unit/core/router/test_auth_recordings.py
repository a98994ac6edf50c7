"""Recordings: what they cannot do, and what a wrong clock makes of them (docs/adr/0009)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.wire.advert import Drop
from tests.unit.core.router.signers import DAY, HEARD, WINDOW, Host, spoilt, talk, wall_errors

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
