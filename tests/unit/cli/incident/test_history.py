"""A document of events is read whatever is in it, and its times are those of the clock as it is now."""

import json
from typing import Any

import pytest

from sidecar.cli.incident.history import read
from sidecar.telemetry.node_document import Unreadable
from tests.unit.cli.incident.told import BEGAN, document, down, started, told

ANSWER: dict[str, Any] = {"node": "a", "boot": "x", "now": 50.0, "moment": 20.0, "events": []}


def answer(*events: object, **more: object) -> bytes:
    return json.dumps(ANSWER | {"events": events} | more).encode()


def test_events_of_this_boot_are_told_by_the_clock_as_it_is_now() -> None:
    """The clock was 7 s ahead when they happened, and has been set right since."""
    then = json.loads(document("a", started(10), down(20, "http"), ahead=7.0))
    now = json.dumps(then | {"now": BEGAN + 200}).encode()
    first, second = read(now).records
    assert (first.at, second.at) == (BEGAN + 10, BEGAN + 20)
    assert second.steady


def test_events_of_an_earlier_boot_or_of_an_unknown_one_have_the_time_of_their_clock() -> None:
    other = started(5) | {"boot": "another"}
    records = told("a", down(1, "http"), other, down(6, "http"), started(10), down(20, "http")).records
    assert [each.steady for each in records] == [False, False, False, True, True]
    assert [each.at - BEGAN for each in records] == [1, 5, 6, 10, 20]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the answer is no JSON"),
        (b"[" * 100_000, "the answer is no JSON"),
        (b"[]", "the answer is no document of events"),
        (answer(events=None), "the answer is no document of events"),
        (answer(now=None), "it does not tell its clock: its vip-sidecar is older than this one"),
        (answer(moment="x"), "it does not tell its clock: its vip-sidecar is older than this one"),
        (answer(now=1e300), "it does not tell its clock: its vip-sidecar is older than this one"),
        (answer(events=[0] * 50_001), "it has 50001 events; 50000 are read"),
    ],
)
def test_what_is_no_such_document_is_named(body: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(body)
    assert str(unreadable.value) == why


def test_what_is_no_event_is_left_out_and_nothing_in_an_event_is_believed_to_be_of_its_kind() -> None:
    event = {
        "event": "check_down", "at": 1.0, "check": ["http"], "detail": "\x1b[31m" + "x" * 9000,
        "lasted_seconds": "long", "took_ms": {}, "failing_seconds": 0.5,
    }  # fmt: skip
    (record,) = read(
        answer(7, {"at": 1.0}, {"event": "check_down"}, {"event": "x", "at": True}, event)
    ).records
    assert record.seconds("failing_seconds") == 0.5
    assert record.seconds("lasted_seconds") is record.seconds("took_ms") is None
    assert "\x1b" not in record.text("detail")
    assert len(record.text("detail")) == 640
    assert record.text("no such field") == ""


def test_a_text_that_is_cut_has_no_half_of_a_command() -> None:
    detail = "x" * 600 + ": `ip address del 10.77.0.100/32 dev eth0` removes it"
    event = {"event": "warning", "at": 1.0, "detail": detail}
    (record,) = read(answer(event)).records
    assert record.text("detail") == "x" * 600 + ":..."
