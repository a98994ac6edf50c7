"""How long a lease is, and which answers count."""

import pytest

from sidecar.core.router.lease import Lease
from tests.unit.core.stage import router


@pytest.mark.parametrize(
    ("interval_cs", "lease"),
    [(1, 1), (10, 1), (50, 1), (79, 1), (80, 1), (100, 2), (200, 5), (300, 8), (4095, 122)],
)
def test_a_lease_is_over_before_the_fastest_peer_takes_over(interval_cs: int, lease: int) -> None:
    assert router(interval_cs=interval_cs).lease == lease


def test_an_answer_counts_only_when_no_newer_command_is_under_way() -> None:
    lease = Lease(router())
    lease.hold(0.0, 1.0, 0)
    lease.drop(0.1)
    assert not lease.held(0.0, None)
    assert lease.dropped(0.2, None)
    assert lease.settled


def test_a_kernel_is_blamed_for_silence_up_to_a_quarter_of_a_second_after_its_time() -> None:
    lease, slept = Lease(router()), Lease(router())
    for each in (lease, slept):
        each.hold(0.0, 1.0, 0)
    assert not lease.give_up(0.99)
    assert lease.give_up(1.24)
    assert not slept.give_up(1.25)
    assert not slept.give_up(2.24)
    assert slept.give_up(2.25)


def test_a_late_answer_to_a_request_that_was_withdrawn_holds_nothing() -> None:
    lease = Lease(router())
    lease.hold(0.0, 1.0, 0)
    lease.drop(0.1)
    assert lease.give_up(1.1)
    assert not lease.held(0.0, None)
    assert lease.owned == frozenset()


def test_a_request_that_was_refused_holds_nothing() -> None:
    lease = Lease(router())
    lease.hold(0.0, 1.0, 0)
    assert lease.held(0.0, "EPERM")
    assert lease.owned == frozenset()
    assert lease.until < 0.0
