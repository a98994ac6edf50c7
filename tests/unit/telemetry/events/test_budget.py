"""What repeats is left out and counted."""

from sidecar.telemetry.events.budget import Budget


def test_so_many_of_a_kind_are_kept_in_a_window_and_the_next_one_says_how_many_were_not() -> None:
    budget = Budget(2, seconds=10.0)
    kept = [budget.suppressed(("web", "mute"), now) for now in (0.0, 1.0, 2.0, 9.9, 10.0, 10.1)]
    assert kept == [0, 0, None, None, 2, 0]


def test_each_kind_has_a_window_of_its_own() -> None:
    budget = Budget(1)
    assert [budget.suppressed((name,), 0.0) for name in ("a", "b", "a", "b")] == [0, 0, None, None]
