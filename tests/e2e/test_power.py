"""A host of the compose lab loses power. In a lab of its own, because it comes back with new namespaces."""

import time

import pytest

from tests.e2e.compose_lab import ComposeLab
from tests.e2e.faults import powered_off
from tests.netns.bounds import BUSY, LAN, LATE, master_down

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

CRASH = master_down(240, 1.0) + LATE + LAN + BUSY


def test_a_host_that_loses_power_is_replaced_and_returns() -> None:
    with ComposeLab() as lab:
        lab.settle()
        mark, since = lab.client.mark, time.monotonic()
        with powered_off(lab):
            assert lab.gap_until("b", 10, mark, since) <= CRASH + lab.late(since)
            mark, since = lab.client.mark, time.monotonic()
        assert lab.gap_until("a", 30, mark, since) <= BUSY + lab.late(since)
