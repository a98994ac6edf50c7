"""The monitors bite: each planted bug is caught within a few seeds."""

from collections.abc import Callable

import pytest

from tests.sim.mutants.all import ALL
from tests.sim.run import run_seed
from tests.sim.violation import Violation

SEEDS = 200
REGIMES = ("process", "network", "planned", "pair", "unheard", "busy", "observer", "reload", "drained")


def seeds_to_detect(mutate: Callable[[pytest.MonkeyPatch], None]) -> tuple[int, str]:
    """Return how many seeds of each regime it takes, and the monitor that sees the bug."""
    for seed in range(SEEDS):
        for regime in REGIMES:
            with pytest.MonkeyPatch.context() as patch:
                mutate(patch)
                try:
                    run_seed(regime, seed)
                except Violation as violation:
                    return seed + 1, violation.monitor
    return 0, ""


@pytest.mark.parametrize("mutate", ALL, ids=lambda mutate: mutate.__name__)
def test_the_monitors_catch(mutate: Callable[[pytest.MonkeyPatch], None]) -> None:
    seeds, monitor = seeds_to_detect(mutate)
    assert seeds, f"nobody noticed in {SEEDS} seeds"
    assert monitor
