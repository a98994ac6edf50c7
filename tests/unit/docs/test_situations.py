"""The table of docs/situations.md is the one that tests/netns/test_situations.py makes."""

from pathlib import Path

from tests.netns.situation_table import BEGIN, END, rows, starts, written
from tests.netns.situations import SITUATIONS, WORDS, Said

DOCUMENT = Path(__file__).parents[3] / "docs" / "situations.md"


def test_the_committed_table_says_in_every_situation_what_must_be_said() -> None:
    found = rows(DOCUMENT.read_text(encoding="utf-8"))
    expected = [each for name in SITUATIONS for each in SITUATIONS[name]]
    assert len(found) == len(expected)
    for line, start, must in zip(found, starts(), expected, strict=True):
        assert line.startswith(f"{start} {WORDS[must.code]} | {must.code} |")
        assert must.words in line
        assert must.more in line


def test_what_was_not_played_now_stays_and_the_order_is_that_of_the_situations() -> None:
    first, second, *_ = SITUATIONS
    old, new = (Said(0, "old"), Said(0, "a | b")), (Said(1, "new"), Said(2, "x"))
    before = written(f"head\n{BEGIN}\n{END}\ntail\n", {second: old, first: old})
    after = written(before, {second: new})
    assert [line.split(" | ", 2)[2] for line in rows(after)] == [
        "ok | 0 | old |",
        "ok | 0 | a \\| b |",
        "degraded | 1 | new |",
        "FAULT | 2 | x |",
    ]
    assert after.startswith("head\n")
    assert after.endswith("\ntail\n")
