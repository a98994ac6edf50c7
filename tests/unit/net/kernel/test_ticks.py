"""The kernel's ticks: what times(2) says, brought together with the kernel's own beginning."""

import pytest

from sidecar.net.kernel import ticks as kernel_ticks
from sidecar.net.kernel.ticks import age, seconds_since

HOUR = 3600.0


@pytest.mark.parametrize("hz", [100, 250, 300, 1000])
def test_the_frequency_is_found_and_the_beginning_with_it(hz: int) -> None:
    jiffies = (1 << 32) - 300 * hz + int(HOUR * hz)
    nanoseconds = (10**9 + hz // 2) // hz
    exact = 10**7 % nanoseconds == 0
    ticks = jiffies * 100 // hz if exact else jiffies * nanoseconds // 10**7
    now = kernel_ticks._now(ticks, HOUR + 0.25)
    assert now == pytest.approx(HOUR, abs=0.02)


def test_where_the_clocks_cannot_be_brought_together_nothing_is_known() -> None:
    ticks = ((1 << 32) - 300 * 250) * 100 // 250
    assert kernel_ticks._now(ticks, 5e5) is None


def test_an_age_is_rather_too_great_and_never_negative() -> None:
    assert 1.0 <= age(1000, 11.0) <= 1.03
    assert age(1000, 9.9) == 0.0
    assert 1.0 <= age((1 << 32) - 50, 0.5 + (1 << 32) / 100) <= 1.05, "the stamp wraps after 497 days"


def test_on_this_kernel_the_beginning_is_as_long_ago_as_the_host_runs() -> None:
    since = seconds_since(0)
    assert since is None or since > 0
