"""Authenticated adverts between hosts whose clocks are set, wrong and right (docs/adr/0009)."""

import time
from functools import partial
from pathlib import Path

import pytest

from tests.netns.bounds import BUSY, QUICK
from tests.netns.lab import Lab, wait_until
from tests.netns.signing import (
    FAR_BEYOND,
    WINDOW,
    dropped,
    dropped_by_both,
    set_clock,
    settle,
    sidecar_by_own_clock,
    signed,
)
from tests.sample import rest

pytestmark = pytest.mark.netns

DAY = 86400.0


def test_a_clock_set_by_a_day_on_either_host_or_both_moves_nothing(tmp_path: Path) -> None:
    with Lab(signed(tmp_path), sidecar_by_own_clock) as lab:
        lab.start()
        seen = lab.witness.mark
        for hosts in ("a", "b", "ab"):
            for ahead in (DAY, -DAY, 0.0):
                for name in hosts:
                    set_clock(lab, name, ahead)
                lab.watch_for(FAR_BEYOND)
                assert lab.holders() == ["a"]
        assert not [e for e in lab.witness.since(seen) if e.kind == "removed" or e.is_("added", "b")]
        assert dropped_by_both(lab) == [{}, {}]


@pytest.mark.parametrize("name", [rest("a"), "b"])
def test_after_a_step_a_failover_is_what_it_was(tmp_path: Path, name: str) -> None:
    with Lab(signed(tmp_path), sidecar_by_own_clock) as lab:
        lab.start()
        set_clock(lab, name, DAY)
        lab.watch_for(BUSY)
        lab.hosts["a"].daemon.hang()
        lab.await_server("b", within=5)
        lab.watch_for(WINDOW + 1)
        mark = lab.client.mark
        lab.hosts["a"].daemon.resume()
        lab.await_server("a", within=5, mark=mark)
        settle(lab)


@pytest.mark.parametrize("ahead", [DAY, rest(-DAY)])
def test_a_host_that_starts_with_a_wrong_clock_is_a_second_master_until_it_is_set_right(
    tmp_path: Path, ahead: float
) -> None:
    with Lab(signed(tmp_path), sidecar_by_own_clock) as lab:
        lab.start(["a"])
        set_clock(lab, "b", ahead)
        seen = lab.witness.mark
        lab.hosts["b"].daemon.start()
        lab.await_sighting("added", "b", 5, seen, address=lab.setup.vip)
        for name in "ab":
            wait_until(partial(_refuses, lab, name, {"auth_stale"}), 2, f"{name} refuses what is stale")
        right, mark = time.monotonic(), lab.witness.mark
        set_clock(lab, "b", 0.0)
        gone = lab.await_removed("b", 5, mark)
        assert gone.at - right < 0.5 + QUICK + lab.grace(right), "its next look at the clock, an advert"
        settle(lab)


def _refuses(lab: Lab, name: str, reasons: set[str]) -> bool:
    return set(dropped(lab, name)) == reasons
