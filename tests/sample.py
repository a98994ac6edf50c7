"""Long tables of cases: a sample of the rows in each run of the suite, the others with `make whole`."""

from collections.abc import Iterable
from typing import Final

import pytest
from _pytest.mark.structures import ParameterSet

REST: Final = pytest.mark.whole
"""Mark of what is not in the sample."""


def sample(rows: Iterable[ParameterSet], every: int = 2, first: int = 0) -> list[ParameterSet]:
    """Return all rows. Each `every`-th from `first` on is in the sample, the others carry a mark."""
    return [
        row if number % every == first else pytest.param(*row.values, id=row.id, marks=[*row.marks, REST])
        for number, row in enumerate(rows)
    ]


def rest(*values: object, name: str | None = None) -> ParameterSet:
    """Return a row that is not in the sample."""
    return pytest.param(*values, id=name, marks=REST)
