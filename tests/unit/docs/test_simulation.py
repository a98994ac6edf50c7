"""docs/simulation.md has every planted bug, and a test for each that transcripts must find."""

import re

from tests.sim.mutants.all import ALL
from tests.sim.mutants.found import FOUND
from tests.sim.mutants.table import PAGE, with_table
from tests.unit.docs.test_names import known_tests
from tests.unit.together.core.test_mutants import PLANTED


def test_the_table_of_the_monitors_is_made_from_what_the_search_has_found() -> None:
    assert set(FOUND) == {mutate.__name__ for mutate in ALL}
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page), "python -m tests.sim.mutants.table"


def test_the_table_of_the_transcripts_names_each_bug_and_a_test_that_exists() -> None:
    page = PAGE.read_text(encoding="utf-8")
    section = page.partition("## Planted bugs that the transcripts find\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| ([^|`]+) \| `(test_\w+)` \|$", section, re.MULTILINE))
    anew = "python -m tests.unit.together.core.transcripts_table"
    assert set(rows) == {mutate.__name__.replace("_", " ") for mutate in PLANTED}, anew
    assert set(rows.values()) <= known_tests(), anew
