"""How long a backup waits."""

from sidecar.core.router.down_timer import DownTimer


def test_the_down_timer_waits_three_intervals_and_the_skew_of_the_learnt_interval() -> None:
    timer = DownTimer(1.0)
    timer.restart(10.0, 2.0)
    assert timer.deadline(100) == 10 + 6 + 156 * 2 / 256
    timer.hasten(11.0, 100)
    assert timer.deadline(100) == 11 + 156 * 2 / 256


def test_a_second_resignation_puts_nothing_off() -> None:
    timer = DownTimer(1.0)
    timer.hasten(1.0, 100)
    timer.hasten(1.5, 100)
    assert timer.deadline(100) == 1 + 156 / 256
