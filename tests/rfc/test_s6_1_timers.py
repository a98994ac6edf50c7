"""RFC 9568 section 6.1: Skew_Time and Active_Down_Interval.

Modules: core.params.
"""

import pytest

from sidecar.core.params import master_down_interval, skew


@pytest.mark.parametrize(
    ("priority", "interval", "skewed", "down"),
    [
        (100, 1.0, 0.609375, 3.609375),
        (254, 1.0, 0.0078125, 3.0078125),
        (255, 1.0, 0.00390625, 3.00390625),
        (1, 1.0, 0.99609375, 3.99609375),
        (100, 0.01, 0.00609375, 0.03609375),
        (128, 40.95, 20.475, 143.325),
    ],
)
def test_nothing_is_truncated(priority: int, interval: float, skewed: float, down: float) -> None:
    """Skew is (256 - priority) x interval / 256, the down interval three intervals more."""
    assert skew(priority, interval) == pytest.approx(skewed)
    assert master_down_interval(priority, interval) == pytest.approx(down)
