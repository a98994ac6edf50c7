"""One line for each event."""

from typing import Any

import pytest

from sidecar.cli.event_table import line, moment

LEFT: dict[str, Any] = {
    "id": 17,
    "at": 1_790_000_000.1204,
    "moment": 12.5,
    "event": "transition",
    "router": "web",
    "from": "MASTER",
    "to": "BACKUP",
    "reason": "health",
    "detail": "check http failed",
    "lasted_seconds": 93780.0,
}


def test_a_transition_has_time_whom_what_cause_and_how_long_it_was_otherwise() -> None:
    assert line(LEFT, colors=False) == (
        "2026-09-21 14:13:20.120  web        MASTER -> BACKUP health, after 1d 2h: check http failed"
    )


def test_what_has_no_place_of_its_own_follows_by_name() -> None:
    event = {"id": 1, "at": 0.9996, "event": "started", "version": "1.0", "routers": ["web", "db"]}
    assert line(event, colors=False) == (
        "1970-01-01 00:00:01.000  -          started          version=1.0 routers=web,db"
    )


@pytest.mark.parametrize(("to", "colour"), [("MASTER", "\x1b[32m"), ("FAULT", "\x1b[31m"), ("BACKUP", "")])
def test_the_new_state_has_the_colour(to: str, colour: str) -> None:
    assert f"{colour}MASTER -> {to}" in line(LEFT | {"to": to}, colors=True)


def test_no_text_of_others_moves_the_cursor() -> None:
    shown = line(LEFT | {"detail": "\x1b[2J\r\u202egone", "vips": ["\x1b[H"]}, colors=False)
    assert shown.isprintable()
    assert "?[2J??gone" in shown


def test_moments_are_rounded_to_the_millisecond() -> None:
    assert moment(1_790_000_000.9999) == "2026-09-21 14:13:21.000"
