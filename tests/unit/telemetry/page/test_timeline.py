"""Who served, from changes of state that are kept: drawn, in letters, in words; no more than is known."""

import re
from typing import Any

import pytest

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.model import Course, Timeline
from sidecar.telemetry.page.past import Event
from sidecar.telemetry.page.timeline import LETTERS, MOST_SPELLS, WIDTH, timeline
from tests.unit.cli.handmade import status

AT = 1_790_000_100.0
MINUTE = 60.0


def document(*, state: str = "MASTER", since: float = AT - 300, routers: int = 1) -> Status:
    whole: dict[str, Any] = {"at": AT}
    made = status(router={"state": state, "since": since}, **whole)
    first = made["virtual_routers"][0]
    made["virtual_routers"] = [first | {"name": "web" if not n else f"web-{n}"} for n in range(routers)]
    return made


def move(ago: float, old: str, new: str, router: str = "web", **more: float) -> Event:
    return {"event": "transition", "at": AT - ago, "router": router, "from": old, "to": new} | more


def happened(event: str, ago: float, **more: str) -> Event:
    return {"event": event, "at": AT - ago} | more


def only(made: Timeline) -> Course:
    (course,) = made.courses
    return course


def test_without_any_event_the_state_of_now_is_shown_since_it_began() -> None:
    made = timeline(document(since=AT - 30 * MINUTE), ())
    assert made.title == "Who served in the last 1 h 0 min"
    assert only(made).paths == (("here", "M300 5h300"),)
    assert only(made).letters == " " * 30 + "#" * 30
    assert only(made).sentence == "this host served for 30 min, in one piece"


def test_a_failover_and_the_way_back_are_three_spells() -> None:
    moves = (
        move(9 * MINUTE, "MASTER", "BACKUP", lasted_seconds=3600.0),
        move(3 * MINUTE, "BACKUP", "MASTER", lasted_seconds=360.0),
    )
    made = timeline(document(since=AT - 3 * MINUTE), moves)
    assert made.title == "Who served in the last 15 min"
    assert made.ticks == ("14:00:00", "14:07:30", "14:15:00")
    assert dict(only(made).paths) == {"here": "M0 5h240M480 5h120", "other": "M240 5h240"}
    assert only(made).letters == "#" * 24 + "-" * 24 + "#" * 12
    assert only(made).sentence == "this host served for 9 min, in 2 pieces"


def test_a_fault_of_a_moment_is_seen() -> None:
    moves = (
        move(8 * 86400, "INIT", "BACKUP"),
        move(3601, "BACKUP", "FAULT"),
        move(3599, "FAULT", "BACKUP"),
    )
    course = only(timeline(document(state="BACKUP", since=AT - 3599), moves))
    assert "x" in course.letters
    assert re.fullmatch(r"M\d+ 5h1", dict(course.paths)["fault"])
    assert course.sentence == "this host did not serve"


@pytest.mark.parametrize(
    ("before", "letters"),
    [
        # It ended in order: nobody was here.
        ((happened("stopped", 600), happened("started", 300)), "#" * 20 + " " * 20 + "#" * 20),
        # It was killed at a time that nobody knows.
        ((happened("started", 300),), " " * 40 + "#" * 20),
        # The kernel still had its VIPs: it was killed a moment ago.
        ((happened("started", 300), happened("adopted", 300, router="web")), "#" * 60),
    ],
)
def test_a_restart_claims_no_more_than_is_known(before: tuple[Event, ...], letters: str) -> None:
    moves = (move(899, "BACKUP", "MASTER"), *before, move(299, "INIT", "MASTER"))
    assert only(timeline(document(since=AT - 299), moves)).letters == letters


def test_what_is_so_now_is_certain_whatever_the_events_say() -> None:
    course = only(timeline(document(state="FAULT", since=AT - 60), (move(600, "BACKUP", "MASTER"),)))
    assert course.letters.rstrip("x") == " " * 20 + "#" * 36


def test_those_that_moved_last_come_first_and_the_others_are_counted() -> None:
    made = timeline(document(routers=20, since=AT - 1000), (move(60, "BACKUP", "MASTER", "web-17"),))
    assert made.courses[0].name == "web-17"
    assert (len(made.courses), made.more) == (12, "8 more have no room here")


def test_it_is_the_same_until_the_next_step() -> None:
    moves = (move(60, "BACKUP", "MASTER"),)
    made = timeline(document(), moves)
    later = document()
    later["at"] = AT + 1.4
    assert timeline(later, moves) == made
    later["at"] = AT + 1.6
    assert timeline(later, moves) != made


def test_flapping_is_bounded() -> None:
    states = ("BACKUP", "MASTER")
    moves = tuple(move(float(ago), states[ago % 2], states[1 - ago % 2]) for ago in range(890, 0, -1))
    course = only(timeline(document(), moves))
    drawn = "".join(path for _, path in course.paths)
    assert drawn.count("M") == MOST_SPELLS
    assert all(int(begin) + int(width) <= WIDTH for begin, width in re.findall(r"M(\d+) 5h(\d+)", drawn))
    assert len(course.letters) == LETTERS
