"""The account of an incident says how long visitors waited, as the client saw it, whatever the clocks show.

Modules: cli.incident.*.
"""

import json
import time
from functools import partial
from typing import Any

import pytest

from tests.netns.lab import CLOSELY, Lab, wait_until
from tests.netns.mismatches import command
from tests.netns.nodes import READ, states, url, with_nodes
from tests.netns.sightings import longest_gap
from tests.netns.signing import by_own_clock, set_clock
from tests.netns.vrrp_daemon import Setup

pytestmark = [pytest.mark.netns, pytest.mark.timing]

AHEAD = 3.0
PAIR = by_own_clock(with_nodes("a", "b"))
SLOW_STANDBY = (250, 100)
"""Its skew is 0.6 s, so that a tenth of the gap is more than a busy machine adds."""


def told(lab: Lab, host: str) -> dict[str, Any]:
    code, text = command(lab.hosts[host], "events", "--incident", "-o", "json")
    found = json.loads(text) if code in (0, 1) else {}
    assert isinstance(found, dict)
    return found


def moved(lab: Lab, host: str) -> bool:
    return told(lab, host).get("to") == "b"


def agrees(found: dict[str, Any], seen: float, late: float) -> bool:
    """Whether the figure is within 5 ms or a tenth of what the client saw. `late`: the machine was busy."""
    return abs(float(found["gap_seconds"]) - seen) <= max(0.005, seen / 10) + late


def test_a_host_that_is_lost() -> None:
    with Lab(Setup(checks={}), PAIR, every=CLOSELY) as lab:
        lab.start()
        lab.settle()
        b = lab.hosts["b"]
        wait_until(
            lambda: states(b) == {url("a"): "MASTER"}, READ, "b reads a, and so it hears its signs of life"
        )
        since = time.monotonic()
        lab.power_off("a")
        lab.await_sole("b", READ)
        lab.await_server("b")
        seen = longest_gap(lab.client.since(), since)
        wait_until(lambda: "sign of life" in str(told(lab, "b").get("left")), 30, "b knows when a was lost")
        found = told(lab, "b")
        assert found["to"] == "b"
        assert [each["url"] for each in found["unread"]] == [url("a")]
        assert agrees(found, seen, lab.late(since)), (seen, found)
        assert found["gap_at_most_seconds"] - found["gap_at_least_seconds"] <= 0.25 + lab.late(since)


def test_a_killed_nginx_with_clocks_that_differ_by_three_seconds() -> None:
    with Lab(Setup(), PAIR, priorities=SLOW_STANDBY, every=CLOSELY) as lab:
        lab.start()
        set_clock(lab, "b", AHEAD)
        lab.settle()
        since = time.monotonic()
        lab.hosts["a"].nginx.kill()
        lab.await_sole("b", READ)
        lab.await_server("b")
        seen = longest_gap(lab.client.since(), since)
        for host in "ab":
            wait_until(partial(moved, lab, host), 30, f"{host} knows of the move")
            found = told(lab, host)
            assert (found["from"], found["unread"]) == ("a", [])
            assert "nginx" in found["left"]["cause"]
            assert agrees(found, seen, lab.late(since)), (seen, found)
            (clock,) = [each for each in found["clocks"] if each["host"] != host]
            ahead = AHEAD if host == "a" else -AHEAD
            assert abs(clock["ahead_seconds"] - ahead) <= clock["within_seconds"] + 0.01
