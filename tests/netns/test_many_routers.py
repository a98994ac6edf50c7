"""Sixty virtual routers on one interface, and one router with 254 VIPs: held, taken over, given up."""

import pytest

from tests.netns.lab import wait_until
from tests.netns.many_routers import ManyRouters

# Each of its moves is counted, and a machine on which a process stands still makes more of them.
pytestmark = [pytest.mark.netns, pytest.mark.alone]

VIPS = [254, *[1] * 59]


def test_all_are_taken_over_from_a_dead_sidecar_each_once_and_given_up_at_a_stop() -> None:
    with ManyRouters(VIPS) as hosts:
        hosts.start()
        assert hosts.moves("a") == {"startup": 60, "master_down_timer": 60}
        assert hosts.moves("b") == {"startup": 60}
        assert hosts.held("b") == 0
        hosts.daemons["a"].kill()
        wait_until(lambda: hosts.held("b") == hosts.vips, 30, "host b has every VIP")
        wait_until(lambda: hosts.moves("b").total() >= 120, 30, "host b has said so")
        code, _ = hosts.daemons["b"].terminate(15)
        assert code == 0
        assert hosts.held("b") == 0
        assert hosts.moves("b") == {"startup": 60, "master_down_timer": 60, "shutdown": 60}
