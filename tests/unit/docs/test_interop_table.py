"""The table of docs/interop-proof.md is the one that the tests of tests/interop make."""

from pathlib import Path

from tests.interop.matrix import BACKUP, KEEPALIVED_2_2_7, PREFERRED, Case
from tests.interop.promise import Outcome
from tests.interop.table import BEGIN, END, EVENTS, Row, every_line, key, markdown, replace_table, table_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "interop-proof.md"


def test_the_committed_table_has_a_line_for_every_case_and_role_and_none_failed() -> None:
    lines = table_of(DOCUMENT.read_text(encoding="utf-8"))
    assert [line.split(" | ")[:5] for line in lines] == [
        key(case, role).split(" | ") for case, role in every_line()
    ]
    assert all(line.endswith("| within bounds |") for line in lines)


def test_a_new_line_takes_the_place_of_the_old_one_and_leaves_the_others() -> None:
    case = Case(KEEPALIVED_2_2_7, version=2)
    slow, fast = (Row(case, PREFERRED, {event: Outcome(ms, 0) for event in EVENTS}) for ms in (3.0, 1.0))
    other = Row(case, BACKUP)
    before = replace_table(f"head\n{BEGIN}{END}\ntail", markdown({("x", "y"): slow, ("x", "z"): other}))
    after = replace_table(before, markdown({("x", "y"): fast}, table_of(before)))
    assert table_of(after) == [
        f"{key(case, PREFERRED)} | 1000 / 0 | 1000 / 0 | 1000 / 0 | 1000 / 0 | within bounds |",
        f"{key(case, BACKUP)} | never ended | never ended | never ended | never ended | **failed** |",
    ]
    assert after.startswith("head\n")
    assert after.endswith("\ntail")
