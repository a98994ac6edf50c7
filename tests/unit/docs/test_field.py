"""docs/field.md accounts for every case and names a test for each."""

import re
from pathlib import Path

from tests.unit.docs.pages import text_of
from tests.unit.docs.test_names import known_tests

FIELD = Path("docs/field.md")
CASES = {
    f"{group}{number}"
    for group, last in {"A": 16, "B": 2, "C": 6, "D": 8, "E": 7}.items()
    for number in range(1, last + 1)
}


def _rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = text_of(FIELD).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_each_case_has_a_row_with_a_test_that_exists() -> None:
    rows = _rows("Each case and its tests")
    assert {row[0] for row in rows} == CASES
    assert len(rows) == len(CASES)
    for case, _, tests in rows:
        named = re.findall(r"`(test_\w+)`", tests)
        assert named, case
        assert set(named) <= known_tests(), case


def test_each_case_belongs_to_a_kind_with_its_siblings() -> None:
    groups = (
        "The election and the kernel",
        "Checks, programs, pools",
        "Start, text, side services",
        "Docker",
    )
    rows = [row for group in groups for row in _rows(group)]
    mentioned = set()
    for kind, cases, siblings, *_ in rows:
        assert kind.startswith("**"), kind
        assert siblings, kind
        for group, first, last in re.findall(r"\b([A-E])(\d+)(?:-[A-E]?(\d+))?\b", cases):
            mentioned |= {f"{group}{number}" for number in range(int(first), int(last or first) + 1)}
    assert mentioned == CASES
