"""`preempt: false` spares a healthy master; a sick one loses the VIP all the same."""

import time
from http import HTTPStatus
from typing import Any

import pytest

from tests.netns.bounds import LATE, skew
from tests.netns.lab import Lab, wait_until
from tests.netns.sightings import longest_gap
from tests.netns.vrrp_daemon import NGINX_CHECKS, Setup, router_status, status
from tests.sample import rest

pytestmark = pytest.mark.netns

WEIGHTED: dict[str, Any] = {"http": {**NGINX_CHECKS["http"], "weight": -20}}
INTERVAL = 1.0


def after_a_failover(lab: Lab) -> None:
    """b serves, and a, which is better, is back and has to wait because it may not preempt."""
    lab.start()
    lab.hosts["a"].daemon.terminate(5)
    lab.await_server("b")
    lab.hosts["a"].daemon.start()
    wait_until(lambda: decided(lab, "a"), 10, "a has begun")
    lab.watch_for(4 * INTERVAL + 1)
    assert lab.holders() == ["b"]


def decided(lab: Lab, host: str) -> bool:
    """Whether the daemon has looked at its checks; on a busy machine it may take seconds to start."""
    try:
        return status(lab.hosts[host].namespace)[0] == HTTPStatus.OK
    except OSError:
        return False


@pytest.mark.parametrize("checks", [rest(WEIGHTED), NGINX_CHECKS], ids=["weighted", "required"])
def test_a_preferred_master_that_falls_sick_is_replaced(checks: dict[str, Any]) -> None:
    with Lab(Setup(interval=INTERVAL, checks=checks, preempt=False)) as lab:
        lab.start()
        mark, since = lab.client.mark, time.monotonic()
        lab.hosts["a"].nginx.kill()
        lab.await_server("b", within=4, mark=mark)
        # A weight is told by the next advert; the silence of a dead nginx ends when the other host answers.
        allowed = 0.6 + INTERVAL + skew(240, INTERVAL) + LATE + lab.grace(since)
        assert longest_gap(lab.client.since(), since) < allowed
        lab.await_sole("b")


@pytest.mark.parametrize("checks", [WEIGHTED, rest(NGINX_CHECKS)], ids=["weighted", "required"])
def test_a_lesser_master_that_may_stay_is_replaced_when_it_falls_sick(checks: dict[str, Any]) -> None:
    with Lab(Setup(interval=INTERVAL, checks=checks, preempt=False)) as lab:
        after_a_failover(lab)
        mark = lab.client.mark
        lab.hosts["b"].nginx.kill()
        lab.await_server("a", within=4, mark=mark)
        lab.await_sole("a")
        lab.hosts["b"].nginx.start()
        lab.watch_for(3 * INTERVAL)
        assert lab.holders() == ["a"]


def test_a_lesser_master_that_lost_no_more_than_we_did_stays_until_we_are_well_again() -> None:
    with Lab(Setup(interval=INTERVAL, checks=WEIGHTED, preempt=False)) as lab:
        after_a_failover(lab)
        lab.hosts["a"].nginx.kill()
        wait_until(lambda: effective(lab, "a") == 230, 3, "a has noticed")
        lab.hosts["b"].nginx.kill()
        wait_until(lambda: effective(lab, "b") == 220, 3, "b has noticed")
        lab.watch_for(4 * INTERVAL)
        assert lab.holders() == ["b"]
        lab.hosts["a"].nginx.start()
        lab.await_server("a", within=4)
        lab.await_sole("a")


def effective(lab: Lab, host: str) -> int:
    priority = router_status(lab.hosts[host].namespace)["priority"]["effective"]
    assert isinstance(priority, int)
    return priority
