"""Which seed shows a planted bug: searched for, or the one that `found.py` remembers.

    python -m tests.sim.mutants.search > found && mv found tests/sim/mutants/found.py
    python -m tests.sim.mutants.table

renew what is remembered, and the table of docs/simulation.md, which is made from it. It saves the test a
search and decides nothing: a seed that shows the bug no more begins the search.
"""

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.sim.mutants.found import FOUND
from tests.sim.run import run_seed
from tests.sim.violation import Violation

SEEDS: Final = 200
REGIMES: Final = (
    "process",
    "network",
    "planned",
    "pair",
    "unheard",
    "busy",
    "observer",
    "reload",
    "drained",
    "hooks",
)

Mutate = Callable[[pytest.MonkeyPatch], None]


def monitor_of(mutate: Mutate, regime: str, seed: int) -> str:
    """Return the monitor that sees the bug in one world, or ""."""
    with pytest.MonkeyPatch.context() as patch:
        mutate(patch)
        try:
            run_seed(regime, seed)
        except Violation as violation:
            return violation.monitor
    return ""


def worlds() -> Iterator[tuple[str, int]]:
    """All regimes with one seed, then with the next."""
    for seed in range(SEEDS):
        for regime in REGIMES:
            yield regime, seed


def detect(mutate: Mutate) -> str:
    """Return the monitor that sees the bug in the remembered world or in any, or ""."""
    known = [FOUND[mutate.__name__][:2]] if mutate.__name__ in FOUND else []
    return next(filter(None, (monitor_of(mutate, *world) for world in (*known, *worlds()))), "")


def main() -> None:
    """Print the table anew."""
    from tests.sim.mutants.all import ALL  # noqa: PLC0415  # the search itself needs none of them

    lines = []
    for mutate in ALL:
        seen = ((world, monitor_of(mutate, *world)) for world in worlds())
        found = next(((world, monitor) for world, monitor in seen if monitor), None)
        if found is not None:
            (regime, seed), monitor = found
            lines.append(f'    "{mutate.__name__}": ("{regime}", {seed}, "{monitor}"),\n')
    print(
        '"""The first world that shows each planted bug; made by `python -m tests.sim.mutants.search`."""\n\n'
        "from typing import Final\n\n"
        f"FOUND: Final[dict[str, tuple[str, int, str]]] = {{\n{''.join(sorted(lines))}}}"
    )


if __name__ == "__main__":
    main()
