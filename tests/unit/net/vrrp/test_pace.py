"""When many packets are a crowd, and when they are none."""

from sidecar.net.vrrp.pace import BURST, RATE, Pace


def after(rate: float, seconds: float) -> Pace:
    """A socket from which something was read every millisecond."""
    pace = Pace()
    for step in range(round(seconds * 1000)):
        pace.note(round(rate * (step + 1) / 1000) - round(rate * step / 1000), step / 1000)
    return pace


def test_a_lan_with_many_routers_is_no_crowd() -> None:
    assert not after(0.9 * RATE, 10).crowded


def test_what_waited_during_a_stall_is_no_crowd() -> None:
    pace = Pace()
    pace.note(BURST, 0.0)
    assert not pace.crowded


def test_a_flood_is_a_crowd_at_once_and_soon_none_when_it_is_over() -> None:
    pace = after(10 * RATE, 0.01)
    assert pace.crowded
    pace = after(100 * RATE, 10)
    assert pace.crowded
    pace.note(0, 10 + BURST / RATE)
    assert not pace.crowded
