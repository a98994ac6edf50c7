"""A drained host gives the VIP away in order, keeps away through kill -9, and comes back afterwards.

Modules: cli.drain, cli.failover, cli.undrain.
"""

import json
import time

import pytest

from tests.netns.lab import Lab, wait_until
from tests.netns.test_events import SETUP, asked, events

pytestmark = pytest.mark.netns


def drained(lab: Lab) -> bool:
    shown = asked(lab, "a", "status", "-o", "json")
    return bool(shown.stdout) and json.loads(shown.stdout)["drain"] is not None


def test_a_drain_moves_the_vip_survives_kill_9_and_is_taken_back() -> None:
    with Lab(SETUP) as lab:
        lab.start()
        lab.settle()
        refused = asked(lab, "a", "drain")
        assert refused.returncode == 2
        assert "no other host is known to be able to" in refused.stderr
        mark = lab.witness.mark
        done = asked(lab, "a", "drain", "--force")
        assert done.returncode == 0, done.stdout + done.stderr
        lab.await_sole("b")
        lab.await_sighting("advert", "a", 5, mark, priority=0)
        assert lab.overlap() == 0
        wait_until(lambda: asked(lab, "a", "status").returncode == 0, 10, "to be drained is no fault")
        lab.hosts["a"].daemon.kill()
        lab.hosts["a"].daemon.start()
        wait_until(lambda: drained(lab), 30, "the next sidecar is drained, too")
        assert lab.holders() == ["b"]
        assert [event["to"] for event in events(lab, "a", "transition")].count("MASTER") == 1
        assert asked(lab, "a", "undrain").returncode == 0
        lab.await_sole("a", within=30)
        assert [event["event"] for event in events(lab, "a", "undrained")] == ["undrained"]


def test_a_drain_ends_by_itself() -> None:
    with Lab(SETUP) as lab:
        lab.start()
        lab.settle()
        begun = time.monotonic()
        assert asked(lab, "a", "failover", "--for", "4s", "--force").returncode == 0
        lab.await_sole("b")
        lab.await_sole("a", within=30)
        assert time.monotonic() - begun >= 4
        wait_until(lambda: not drained(lab), 10, "nothing is drained any more")
        assert events(lab, "a", "undrained")[0]["reason"] == "expired"
