"""Rows of a terminal that a line takes."""

import pytest

from sidecar.cli.wrapped_line import cut, rows_of


@pytest.mark.parametrize(
    ("line", "columns", "rows"),
    [
        ("", 10, 1),
        ("a" * 10, 10, 1),
        ("a" * 11, 10, 2),
        ("\x1b[32m" + "a" * 10 + "\x1b[0m", 10, 1),
        ("主" * 5, 10, 1),
        ("a" + "主" * 5, 10, 2),
        ("主" * 8, 5, 4),  # two in a row: half a letter is not drawn
        ("e\u0301" * 10, 10, 1),
        ("a" * 7, 0, 7),
    ],
)
def test_rows(line: str, columns: int, rows: int) -> None:
    assert rows_of(line, columns) == rows


def test_a_line_is_cut_between_letters_and_its_colour_ends() -> None:
    assert cut("主" * 8, 5, 2) == "主" * 4
    assert cut("\x1b[31m" + "a" * 9, 4, 2) == "\x1b[31m" + "a" * 8 + "\x1b[0m"
    assert cut("short", 10, 1) == "short"
