"""Two masters at once are two; one that has just handed over is none."""

from math import inf

import pytest

from sidecar.core.router.reigns import Reign, masters, went_on


@pytest.mark.parametrize(
    ("reigns", "number"),
    [
        ([], 0),
        ([Reign(0.0, 9.0, 1.0)], 1),
        ([Reign(0.0, 9.0, 1.0), Reign(9.0, 12.0, 1.0)], 1),
        ([Reign(0.0, 9.0, 1.0), Reign(8.9, 12.0, 1.0)], 1),
        ([Reign(0.0, 9.0, 1.0), Reign(8.0, 12.0, 1.0)], 1),
        ([Reign(0.0, 9.0, 1.0), Reign(7.9, 12.0, 1.0)], 2),
        ([Reign(0.0, 9.0, 1.0), Reign(7.9, 12.0, 5.0)], 1),
        ([Reign(0.0, 9.0, 1.0), Reign(0.0, 9.0, 1.0), Reign(0.0, 9.0, 1.0)], 3),
        ([Reign(0.0, 9.0, 1.0), Reign(0.0, 9.0, 1.0), Reign(8.9, 9.5, 1.0)], 2),
    ],
)
def test_masters_are_counted_that_serve_together(reigns: list[Reign], number: int) -> None:
    assert masters(reigns) == number
    assert masters(reigns[::-1]) == number


@pytest.mark.parametrize(("last", "since"), [(-inf, 20.0), (16.4, 20.0), (16.6, 5.0), (19.0, 5.0)])
def test_a_reign_ends_with_a_silence(last: float, since: float) -> None:
    assert went_on(5.0, last, 1.0, 20.0) == since
