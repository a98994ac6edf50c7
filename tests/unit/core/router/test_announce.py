"""When announcements are repeated, and how many at a time."""

from itertools import pairwise
from math import inf

from sidecar.core.router.announce import PORTION, SPACING, AnnouncementPace, Announcer


def test_announcements_come_five_times_and_then_every_ten_seconds() -> None:
    announcer, times, pace = Announcer(), [], AnnouncementPace()
    announcer.start(0.0)
    while announcer.deadline < 30:
        times.append(round(announcer.deadline, 3))
        assert announcer.due(announcer.deadline, 1, pace) == range(1)
    assert times == [0.0, 1.1, 2.2, 3.3, 4.4, 14.4, 24.4]
    announcer.cancel()
    assert announcer.deadline == inf


def test_a_flood_makes_no_more_than_ten_announcements_a_second() -> None:
    announcer, sent, pace = Announcer(), 0, AnnouncementPace()
    for ms in range(1000):
        announcer.nudge(ms / 1000)
        sent += len(announcer.due(ms / 1000, 1, pace))
    assert sent == 10


def rounds(
    announcer: Announcer, vips: int, pace: AnnouncementPace, until: float
) -> list[tuple[float, range]]:
    """Serve an announcer whenever it is due; return what it announces, and when."""
    found = []
    while (now := announcer.deadline) < until:
        if places := announcer.due(now, vips, pace):
            found.append((now, places))
    return found


def test_of_many_vips_the_first_announcements_go_at_once_and_repeats_in_portions() -> None:
    announcer = Announcer()
    announcer.start(5.0)
    (first, *repeats) = rounds(announcer, 254, AnnouncementPace(), 7.1)
    assert first == (5.0, range(254))
    assert [place for _, places in repeats for place in places] == list(range(254))
    assert max(len(places) for _, places in repeats) == PORTION
    assert round(repeats[0][0], 6) == 5.0 + SPACING
    gaps = [late - early for (early, _), (late, _) in pairwise(repeats)]
    assert min(gaps) > 0.0199
    assert repeats[-1][0] - repeats[0][0] < SPACING


def test_repeats_of_many_routers_do_not_come_together_and_each_comes_once_in_a_round() -> None:
    """As when 240 routers took over from a dead host at the same moment."""
    pace, announcers = AnnouncementPace(), [Announcer() for _ in range(240)]
    for announcer in announcers:
        announcer.start(0.0)
    served: list[tuple[float, int]] = []
    while (now := min(each.deadline for each in announcers)) < 2.19:
        for number, announcer in enumerate(announcers):
            if announcer.deadline <= now and announcer.due(now, 1, pace):
                served.append((now, number))
    first, repeats = served[:240], served[240:]
    assert {at for at, _ in first} == {0.0}
    assert sorted(number for _, number in repeats) == list(range(240))
    for early, late in zip(repeats, repeats[40:], strict=False):
        assert late[0] - early[0] > 0.099


def test_a_new_takeover_begins_with_all_of_them_again() -> None:
    announcer, pace = Announcer(), AnnouncementPace()
    announcer.start(0.0)
    rounds(announcer, 100, pace, 1.15)
    announcer.cancel()
    assert announcer.deadline == inf
    announcer.start(1.2)
    assert announcer.due(1.2, 100, pace) == range(100)
