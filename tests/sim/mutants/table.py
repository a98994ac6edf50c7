"""The table of planted bugs in docs/simulation.md: `python -m tests.sim.mutants.table` makes it anew."""

from pathlib import Path
from typing import Final

from tests.sim.mutants.all import ALL
from tests.sim.mutants.found import FOUND

PAGE: Final = Path("docs/simulation.md")
_HEAD: Final = "| planted bug | regime and seed | monitor |\n|---|---|---|\n"


def table() -> str:
    """Return the table: a row for each bug, in the order of the core's parts."""
    rows = []
    for mutate in ALL:
        name = mutate.__name__
        regime, seed, monitor = FOUND[name]
        rows.append(f"| {name.replace('_', ' ')} | {regime} {seed} | {monitor} |\n")
    return _HEAD + "".join(rows)


def with_table(page: str) -> str:
    """Return the page with this table in the place of the one that it has."""
    before, head, rest = page.partition(_HEAD)
    if not head:
        raise ValueError(f"{PAGE} has no table that begins with {_HEAD.splitlines()[0]}")
    return f"{before}{table()}\n{rest.partition(chr(10) * 2)[2]}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
