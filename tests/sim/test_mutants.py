"""The monitors bite: each planted bug is caught within a few seeds."""

from collections.abc import Callable

import pytest

from tests.sim.faults import run_seed
from tests.sim.mutants import MUTANTS
from tests.sim.mutants_drain import MUTANTS_OF_DRAINS
from tests.sim.mutants_faults import MUTANTS_OF_FAULTS
from tests.sim.mutants_observer import MUTANTS_OF_THE_OBSERVER
from tests.sim.mutants_reload import MUTANTS_OF_A_RELOAD
from tests.sim.mutants_rules import MUTANTS_OF_RULES
from tests.sim.watch import Violation

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


ALL = (
    *MUTANTS,
    *MUTANTS_OF_FAULTS,
    *MUTANTS_OF_RULES,
    *MUTANTS_OF_THE_OBSERVER,
    *MUTANTS_OF_A_RELOAD,
    *MUTANTS_OF_DRAINS,
)


@pytest.mark.parametrize("mutate", ALL, ids=lambda mutate: mutate.__name__)
def test_the_monitors_catch(mutate: Callable[[pytest.MonkeyPatch], None]) -> None:
    seeds, monitor = seeds_to_detect(mutate)
    assert seeds, f"nobody noticed in {SEEDS} seeds"
    assert monitor
