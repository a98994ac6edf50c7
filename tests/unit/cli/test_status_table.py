import re

import pytest

from sidecar.cli.status_table import duration, render
from sidecar.cli.verdict import judge
from sidecar.telemetry.document import Status
from tests.unit.cli.handmade import status

NOW = 1_790_093_720.0

MASTER = """\
node a, up 1d 2h, version 1.0.0, config 9f3a

web  VRID 51  eth0  v3/multicast                                MASTER for 1d 2h
  why       no advertisement of 10.77.0.12 for 3.06 s
  priority  250
  master    this host, as 10.77.0.11
  VIP       10.77.0.100/32  held here

CHECK            KIND       RESULT  SINCE    LAST
http             http       up      1d 2h    200 in 3 ms

ok
"""

BACKUP = """\
node a, up 1d 2h, version 1.0.0, config 9f3a

web  VRID 51  eth0  v3/multicast                                BACKUP for 1d 2h
  why       10.77.0.12 has the higher priority
  priority  250, now 1
  master    10.77.0.12 with priority 240, heard 0.2 s ago; takeover after 3.02 s
            of silence
  VIP       10.77.0.100/32  not here

CHECK            KIND       RESULT  SINCE    LAST
http             http       DOWN    1d 2h    connection refused

degraded
! web contends at priority 1, not 250
! check http is down: connection refused
"""


def show(document: Status, *, colors: bool = False) -> str:
    return render(document, judge(document), NOW, colors=colors)


def test_a_master_in_80_columns() -> None:
    assert show(status()) == MASTER


def test_a_backup_says_whom_it_follows_and_what_is_wrong() -> None:
    router = {
        "state": "BACKUP",
        "reason": "10.77.0.12 has the higher priority",
        "priority": {"configured": 250, "effective": 1},
        "master": {"source": "10.77.0.12", "priority": 240, "last_advert_age_seconds": 0.2},
    }
    document = status(router=router, owned=False, check={"up": False, "detail": "connection refused"})
    assert show(document) == BACKUP


def test_a_host_that_is_held_down_says_for_how_long() -> None:
    router = {"priority": {"configured": 250, "effective": 2}, "hold_down_seconds": 75.3}
    lines = show(status(router=router)).splitlines()
    assert "  held      failed too often: out of the competition for another 1m 15s" in lines


def test_colours_add_nothing_but_colours() -> None:
    colored = show(status(), colors=True)
    assert "\x1b[32mMASTER" in colored
    assert re.sub(r"\x1b\[\d+m", "", colored) == MASTER


def test_what_a_checked_server_said_cannot_move_the_cursor() -> None:
    shown = show(status(check={"up": False, "detail": "500 \x1b[2J\x07\x9b0;1H owned"}), colors=False)
    assert all(letter.isprintable() or letter == "\n" for letter in shown)


def test_no_line_is_longer_than_80_columns() -> None:
    detail = "a very long story about a server " * 10
    shown = show(status(check={"up": False, "detail": detail}, router={"reason": detail}))
    assert max(len(line) for line in shown.splitlines()) <= 80


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1.0, "0.0s"), (3.24, "3.2s"), (59.96, "60.0s"), (312, "5m 12s"), (7380, "2h 3m"), (93_600, "1d 2h")],
)
def test_durations_have_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text
