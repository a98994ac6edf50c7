"""The monitors bite: each planted bug is caught within a few seeds."""

import pytest

from tests.sim.mutants.all import ALL
from tests.sim.mutants.search import SEEDS, Mutate, detect


@pytest.mark.parametrize("mutate", ALL, ids=lambda mutate: mutate.__name__)
def test_the_monitors_catch(mutate: Mutate) -> None:
    assert detect(mutate), f"nobody noticed in {SEEDS} seeds"
