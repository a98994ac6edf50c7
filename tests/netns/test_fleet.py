"""`fleet --watch` over real pairs: a failover is shown within three seconds; hosts that hang delay nobody.

`PAIRS=40` (`make fleet`) are 80 sidecars.
"""

import os

import pytest

from tests.netns.many_pairs import ManyPairs

pytestmark = [pytest.mark.netns, pytest.mark.timeout(900)]

PAIRS = int(os.environ.get("PAIRS", "1"))
SILENT = 10
FAILOVERS = min(10, PAIRS)
SHOWN = 3.0
"""Seconds from the transition to the line that tells of it."""
READY = 120.0 + 10 * PAIRS
"""Seconds until all have started, on a machine that does something else, too."""


@pytest.mark.timing
def test_a_failover_is_shown_within_three_seconds_beside_hosts_that_hang() -> None:
    with ManyPairs(PAIRS, SILENT) as fleet:
        for number in range(PAIRS):
            fleet.wait(f"c{number}", f"a{number} serves", READY)
        took = []
        for number in range(FAILOVERS):
            a, b = fleet.pairs[number]
            a.daemon.terminate(10)
            shown, verdict = fleet.wait(f"c{number}", f"b{number} serves", 60)
            since = b.serves_since()
            assert since is not None
            took.append(shown - since)
            assert verdict["verdict"] in ("MOVED", "NO STANDBY", "UNREADABLE")
        print(f"{2 * PAIRS} sidecars, {SILENT} hosts hang: shown after {min(took):.2f} to {max(took):.2f} s")
        assert {fleet.shown[f"s{each}"]["verdict"] for each in range(SILENT)} == {"UNREADABLE"}
        assert max(took) < SHOWN
