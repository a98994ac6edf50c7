"""When announcements are repeated."""

from math import inf

from sidecar.core.router.announce import Announcer


def test_announcements_come_five_times_and_then_every_ten_seconds() -> None:
    announcer, times = Announcer(), []
    announcer.start(0.0)
    while announcer.deadline < 30:
        times.append(round(announcer.deadline, 3))
        assert announcer.due(announcer.deadline)
    assert times == [0.0, 1.1, 2.2, 3.3, 4.4, 14.4, 24.4]
    announcer.cancel()
    assert announcer.deadline == inf


def test_a_flood_makes_no_more_than_ten_announcements_a_second() -> None:
    announcer, sent = Announcer(), 0
    for ms in range(1000):
        announcer.nudge(ms / 1000)
        sent += announcer.due(ms / 1000)
    assert sent == 10
