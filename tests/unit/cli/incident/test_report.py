"""One incident as Markdown and as JSON, whole.

Modules: cli.incident.account, cli.incident.document.
"""

import re
from pathlib import Path

import pytest

from sidecar.cli.incident.account import NoSuchIncident, Unread, account
from sidecar.cli.incident.document import document
from sidecar.cli.incident.report import render
from tests.unit.cli.incident.told import down, move, pair, started, told, up

A = (
    started(0),
    move(3, "BACKUP", "MASTER", "master_down_timer", "no advertisement of any master for 3 s"),
    down(99.999, "nginx", "pid 7 | died\n# <b>", failing_seconds=0.001, unsure_seconds=0.0),
    move(100.002, "MASTER", "BACKUP", "health", "check nginx failed: pid 7 died", lasted_seconds=97.002),
    up(130, "nginx"),
    move(
        133, "BACKUP", "MASTER", "preempt", "10.0.0.2 served with priority 240, ours was 250", took_ms=3000.0
    ),
)
B = (
    started(1),
    move(2, "INIT", "BACKUP", "startup"),
    move(100.07, "BACKUP", "MASTER", "priority_zero", "10.0.0.1 resigned (priority 0)", took_ms=64.0),
    move(133.004, "MASTER", "BACKUP", "higher_priority", "10.0.0.1 advertises priority 250"),
)
HOSTS = pair(told("lb1", *A), told("lb2", *B, ahead=3.0), ahead=3.0, within=0.002)

PAGE = Path(__file__).with_name("page.golden.md")


def test_the_page() -> None:
    unread = (Unread("http://10.0.0.3:9650", "no answer within 2 s"),)
    assert render(account(HOSTS, unread, 2)) == PAGE.read_text(encoding="utf-8")


def test_a_move_for_which_nobody_waited() -> None:
    page = render(account(HOSTS, (), 1))
    assert "**Visitors did not wait: lb1 served before lb2 had ended.**" in page
    assert "# web: lb2 to lb1, " in page


def test_names_of_hosts_and_routers_begin_no_markup() -> None:
    """Another host calls itself what it likes."""
    name, web = "<img src=x>*lb2*[x](y)", "we_b_"
    other = told(name, *({**each, "router": web} if "router" in each else each for each in B), ahead=3.0)
    own = told("lb1", *({**each, "router": web} if "router" in each else each for each in A))
    for number in (1, 2):
        page = render(account(pair(own, other, ahead=3.0, within=0.002), (), number))
        assert "lb2" in page
        assert not [line for line in page.splitlines() if re.search(r"(?<!\\)(<img|\*lb2|\[x\]|e_b)", line)]


def test_the_document() -> None:
    found = document(account(HOSTS, (), 2))
    assert (found["number"], found["known"], found["router"], found["from"], found["to"]) == (
        2,
        2,
        "web",
        "lb1",
        "lb2",
    )
    assert [found[f"gap_{name}seconds"] for name in ("", "at_least_", "at_most_")] == [
        pytest.approx(each) for each in (0.072, 0.070, 0.074)
    ]
    assert found["clocks"][1] == {
        "host": "lb2",
        "ahead_seconds": 3.0,
        "within_seconds": 0.002,
        "how": "by hand",
    }
    assert [(each["host"], each["event"]) for each in found["events"]][:3] == [
        ("lb1", "check_down"), ("lb1", "transition"), ("lb2", "transition")
    ]  # fmt: skip


def test_numbers_of_incidents_that_there_are_not() -> None:
    with pytest.raises(NoSuchIncident, match=r"^2 incidents are kept; 1 is the latest, 2 the first$"):
        account(HOSTS, (), 3)
    with pytest.raises(NoSuchIncident, match=r"^no virtual router has gone"):
        account(pair(told("lb1", *A[:2]), told("lb2", *B[:2])), (), 1)
