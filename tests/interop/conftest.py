"""The table that the tests of the matrix fill. INTEROP_REPORT=FILE: it goes into that file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.table import Row, markdown, replace_table

Rows = dict[tuple[str, str], Row]


@pytest.fixture(scope="session")
def rows() -> Iterator[Rows]:
    """Rows by case and role. Written only when all are there."""
    found: Rows = {}
    yield found
    if file := os.environ.get("INTEROP_REPORT"):
        document = Path(file)
        text = replace_table(document.read_text(encoding="utf-8"), markdown(found))
        document.write_text(text, encoding="utf-8")
