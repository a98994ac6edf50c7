"""Spans of time as people write them."""

import pytest

from sidecar.cli.span import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("90s", 90.0), ("30m", 1800.0), ("1.5h", 5400.0), ("2d", 172_800.0)]
)
def test_a_span_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "-1h", "1 h", "1w", "1h30m", "1e3s", "inf", "٣h"])
def test_anything_else_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 30m"):
        seconds_of(text)
