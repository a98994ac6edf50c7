"""Two masters at once are two; one that has just handed over is none."""

from math import inf

import pytest

from sidecar.core.router.mastership import Mastership, masters, went_on


@pytest.mark.parametrize(
    ("masterships", "number"),
    [
        ([], 0),
        ([Mastership(0.0, 9.0, 1.0)], 1),
        ([Mastership(0.0, 9.0, 1.0), Mastership(9.0, 12.0, 1.0)], 1),
        ([Mastership(0.0, 9.0, 1.0), Mastership(8.9, 12.0, 1.0)], 1),
        ([Mastership(0.0, 9.0, 1.0), Mastership(8.0, 12.0, 1.0)], 1),
        ([Mastership(0.0, 9.0, 1.0), Mastership(7.9, 12.0, 1.0)], 2),
        ([Mastership(0.0, 9.0, 1.0), Mastership(7.9, 12.0, 5.0)], 1),
        ([Mastership(0.0, 9.0, 1.0), Mastership(0.0, 9.0, 1.0), Mastership(0.0, 9.0, 1.0)], 3),
        ([Mastership(0.0, 9.0, 1.0), Mastership(0.0, 9.0, 1.0), Mastership(8.9, 9.5, 1.0)], 2),
    ],
)
def test_masters_are_counted_that_serve_together(masterships: list[Mastership], number: int) -> None:
    assert masters(masterships) == number
    assert masters(masterships[::-1]) == number


@pytest.mark.parametrize(("last", "since"), [(-inf, 20.0), (16.4, 20.0), (16.6, 5.0), (19.0, 5.0)])
def test_a_mastership_ends_with_a_silence(last: float, since: float) -> None:
    assert went_on(5.0, last, 1.0, 20.0) == since
