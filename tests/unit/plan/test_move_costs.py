"""What stops and crashes cost, in numbers and words; the table of the documents is made of the same."""

from pathlib import Path

import pytest

from sidecar.core.params import lease_seconds
from sidecar.plan.move_costs import MoveCosts, costs_of, table
from tests.unit.core.stage import router

DOCUMENT = Path(__file__).parents[3] / "docs" / "failover.md"


RESTART = "nothing if a new process has renewed the lease within 950 ms"
PAIR_MAKES = "`hosts: 2` makes that 0 ms"


@pytest.mark.parametrize(
    ("priority", "interval", "hosts", "stop", "crash"),
    [
        (
            90,
            1.0,
            None,
            f"648 ms because the priority here is 90: {PAIR_MAKES}, priority 240 62 ms",
            f"3.65 s, {RESTART}",
        ),
        (250, 1.0, None, f"23 ms because the priority here is 250: {PAIR_MAKES}", f"3.02 s, {RESTART}"),
        (90, 1.0, 2, "0 ms (`hosts: 2`)", f"3.65 s, {RESTART}"),
        (240, 0.1, 2, "0 ms (`hosts: 2`)", "306 ms, also if its sidecar is started again at once"),
    ],
)
def test_a_backup_says_what_its_own_priority_costs_and_what_mends_it(
    priority: int, interval: float, hosts: int | None, stop: str, crash: str
) -> None:
    said = MoveCosts(priority, interval, 3, hosts).sentence
    assert said == f"a stop of the master costs {stop}; a crash costs up to {crash}"


def test_a_master_cannot_know_the_priority_of_the_backup_and_says_how_it_counts() -> None:
    said = MoveCosts(250, 1.0, 3, None).served
    assert said.startswith("a stop here costs the skew of the backup, (256 - its priority) / 256 of 1 s; ")
    assert "a stop here costs 0 ms (`hosts: 2`)" in MoveCosts(250, 1.0, 3, 2).served


def test_version_2_counts_the_skew_in_seconds_whatever_the_interval_is() -> None:
    costs = MoveCosts(100, 3.0, 2, None)
    assert (costs.stop, costs.crash) == (156 / 256, 9 + 156 / 256)


def test_they_are_those_of_the_router_as_it_is_configured() -> None:
    params = router(priority=90, interval_cs=300, hosts=2)
    assert costs_of(params) == MoveCosts(90, 3.0, 3, 2)


@pytest.mark.parametrize(
    ("interval", "lease", "restart"),
    [
        (0.3, 1, None),
        (0.6, 1, 0.35),
        (0.8, 1, None),
        (0.9, 1, None),
        (1.0, 2, 0.95),
        (3.0, 8, 4.95),
    ],
)
def test_a_restart_has_what_is_left_of_the_lease_just_before_a_late_renewal(
    interval: float, lease: int, restart: float | None
) -> None:
    """None: below 0.6 s nothing is adopted, and at 0.8 and 0.9 s no start is that fast."""
    costs = MoveCosts(90, interval, 3, None)
    assert lease_seconds(interval) == lease
    assert costs.restart == restart
    assert ("its sidecar is started again at once" in costs.sentence) is (restart is None)


def test_the_document_has_this_very_table() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8")
