"""Each signature is later than all before it, whatever clocks do."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.wire.advert import Drop
from sidecar.core.wire.auth_trailer import is_later, read
from tests.unit.core.router.signers import DAY, EPOCH, HEARD, WINDOW, Host, talk


def test_a_sequence_grows_even_within_one_tick_of_the_clock() -> None:
    """A tick has 65,536 sequences: the last ones of it are used up, and then those of the next."""
    master, backup = Host(1), Host(2)
    recorded = [master.say(0)]
    master.auth._state.last += 2**16 - 500
    recorded += [master.say(0) for _ in range(1000)]
    assert {backup.hear(said, 0) for said in recorded} == {None}
    first, last = (read(trailer) for _, trailer, _ in (recorded[0], recorded[-1]))
    assert first
    assert last
    assert last[1] == first[1] + 2**16 + 500


gaps = st.lists(st.sampled_from((0.0, 1e-6, 2.0**-16, 0.5, 1.0, WINDOW, 60.0)), max_size=30)


@given(st.sampled_from((EPOCH, EPOCH + 0.99999, 2.0**31 - 0.5, 2.0**32 - 1.0, 2.0**32 - 60.0)), gaps)
def test_each_word_is_later_than_all_before_it_at_any_pace_and_none_is_heard_twice(
    epoch: float, gaps: list[float]
) -> None:
    """Across full counters, seconds and the wrap of 2106 alike."""
    master, backup, at = Host(1, epoch=epoch), Host(2, epoch=epoch), 0.0
    recorded = []
    for gap in gaps:
        at += gap
        recorded.append(master.say(at))
        assert backup.hear(recorded[-1], at) is None
    sequences = [read(trailer) for _, trailer, _ in recorded]
    assert all(a and b and is_later(b[1], a[1]) for a, b in pairwise(sequences))
    refused = {backup.hear(said, at + later) for said in recorded for later in (0.0, WINDOW, 3600.0)}
    assert refused <= {Drop.AUTH_REPLAY, Drop.AUTH_STALE}


@given(st.lists(st.floats(-WINDOW / 4, WINDOW / 4), max_size=20))
def test_small_corrections_of_the_sender_never_make_it_repeat_itself(corrections: list[float]) -> None:
    master, backup = Host(1), Host(2)
    for at, wrong in enumerate(corrections):
        master.set_wall(wrong)
        assert {backup.hear(master.say(at), at), backup.hear(master.say(at + 0.01), at + 0.01)} == {None}


@pytest.mark.parametrize("wrap", [2.0**31, 2.0**32], ids=["2038", "2106"])
def test_the_wrap_of_the_seconds_is_a_second_like_any_other(wrap: float) -> None:
    master, backup = Host(1, epoch=wrap - 10), Host(2, epoch=wrap - 10)
    assert set(talk(master, backup, start=0, end=20)) == {None}
    recorded = master.say(20)
    assert backup.hear(recorded, 20) is None
    assert backup.hear(recorded, 21) is Drop.AUTH_REPLAY


@pytest.mark.parametrize("behind", [0.0, 1.0, 3.0])
def test_a_restarted_sender_is_heard_once_its_clock_passes_its_last_word(behind: float) -> None:
    master, backup = Host(1), Host(2)
    assert backup.hear(master.say(10), 10) is None
    master.wrong = -behind
    master.restart()
    assert backup.hear(master.say(10 + behind), 10 + behind) in (None, Drop.AUTH_REPLAY)
    assert backup.hear(master.say(10.001 + behind), 10.001 + behind) is None


def test_a_sender_restarted_within_one_second_is_heard_at_once() -> None:
    master, backup = Host(1), Host(2)
    assert backup.hear(master.say(10.1), 10.1) is None
    master.restart()
    assert backup.hear(master.say(10.2), 10.2) is None


@pytest.mark.parametrize("behind", [0.5, 2.5, 4.9, WINDOW, 6.0, DAY])
def test_after_a_restart_a_window_of_adverts_is_refused_at_most(behind: float) -> None:
    """With a clock that was put back. docs/authentication.md has the figure: 5 s in steps of 200 ms."""
    master, backup = Host(1), Host(2)
    assert {backup.hear(master.say(at / 5), at / 5) for at in range(25)} == HEARD
    master.wrong = -behind
    master.restart()
    heard = [backup.hear(master.say(at / 5), at / 5) for at in range(25, 75)]
    assert heard.count(Drop.AUTH_REPLAY) <= 25
    assert (Drop.AUTH_REPLAY in heard) is (behind <= WINDOW)
    if behind <= WINDOW:
        assert heard[-1] is None
