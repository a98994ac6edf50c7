"""The first world that shows each planted bug; made by `python -m tests.sim.mutants.search`."""

from typing import Final

FOUND: Final[dict[str, tuple[str, int]]] = {}
