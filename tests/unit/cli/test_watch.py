"""What is drawn over what."""

import os

import pytest

from sidecar.cli.watch import screen
from sidecar.cli.wrapped_line import rows_of


def drawn(text: str, rows: int, columns: int = 80) -> str:
    return screen(text, os.terminal_size((columns, rows)))


def test_a_text_is_drawn_over_the_one_before() -> None:
    assert drawn("a\nb\n", 24) == "\x1b[Ha\x1b[K\nb\x1b[K\n\x1b[J"


def test_of_a_long_text_the_beginning_and_the_verdict_are_shown() -> None:
    text = "".join(f"line {number}\n" for number in range(40)) + "degraded\n! check http is down\n"
    for rows in (1, 4, 10, 42):
        shown = drawn(text, rows)
        lines = shown.removeprefix("\x1b[H").split("\x1b[K\n")[:-1]
        assert len(lines) == max(3, rows - 1)
        assert lines[0] == "line 0"
        assert lines[-1] == "! check http is down"
        left_out = next(line for line in lines if line.startswith("..."))
        assert int(left_out.split()[1]) == 42 - (len(lines) - 1)
    assert "..." not in drawn(text, 43)


LONG = "".join(f"\x1b[32mMASTER\x1b[0m 主机{number} " + "x" * number + "\n" for number in range(0, 90, 6))


@pytest.mark.parametrize("columns", [20, 33, 80])
@pytest.mark.parametrize("rows", [4, 11, 24])
def test_a_line_that_is_wrapped_takes_its_rows(rows: int, columns: int) -> None:
    """Of a text that is higher than the window the first lines would leave it, and every look add more."""
    lines = drawn(LONG + "ok\n", rows, columns).removeprefix("\x1b[H").replace("\x1b[K", "").split("\n")[:-1]
    assert sum(rows_of(line, columns) for line in lines) <= rows - 1
    assert lines[-1] == "ok"


def test_a_verdict_that_is_higher_than_the_window_is_cut() -> None:
    shown = drawn("a\n" + "b" * 100 + "\n", 5, 10)
    assert shown == "\x1b[Ha\x1b[K\n" + "b" * 10 + "\n\x1b[J"


def test_the_last_letter_of_a_full_row_is_not_erased() -> None:
    """There the cursor stands on it, until the next letter comes."""
    assert drawn("a" * 10 + "\nb\n", 24, 10) == "\x1b[H" + "a" * 10 + "\nb\x1b[K\n\x1b[J"
