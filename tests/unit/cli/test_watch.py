"""What is drawn over what."""

from sidecar.cli.watch import screen


def test_a_text_is_drawn_over_the_one_before() -> None:
    assert screen("a\nb\n", 24) == "\x1b[Ha\x1b[K\nb\x1b[K\n\x1b[J"


def test_of_a_long_text_the_beginning_and_the_verdict_are_shown() -> None:
    text = "".join(f"line {number}\n" for number in range(40)) + "degraded\n! check http is down\n"
    for rows in (1, 4, 10, 42):
        drawn = screen(text, rows)
        lines = drawn.removeprefix("\x1b[H").split("\x1b[K\n")[:-1]
        assert len(lines) == max(3, rows - 1)
        assert lines[0] == "line 0"
        assert lines[-1] == "! check http is down"
        left_out = next(line for line in lines if line.startswith("..."))
        assert int(left_out.split()[1]) == 42 - (len(lines) - 1)
    assert "..." not in screen(text, 43)
