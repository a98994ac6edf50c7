"""The table that the tests of the matrix fill. INTEROP_REPORT=FILE: its lines go into that file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.table import Row, markdown, replace_table, table_of

Rows = dict[tuple[str, str], Row]


@pytest.fixture(scope="session")
def rows() -> Iterator[Rows]:
    """Rows by case and role."""
    found: Rows = {}
    yield found
    if file := os.environ.get("INTEROP_REPORT"):
        document = Path(file)
        text = document.read_text(encoding="utf-8")
        text = replace_table(text, markdown(found, table_of(text)))
        document.write_text(text, encoding="utf-8")
