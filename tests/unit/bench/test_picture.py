"""The picture is well-formed, has a bar for each median, and its scale is logarithmic."""

import math
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from bench.contest.picture import Group, svg, x
from bench.statistics import Measure, summarise

SVG = "{http://www.w3.org/2000/svg}"


def test_the_scale_has_the_same_width_for_each_power_of_ten_and_ends() -> None:
    steps = [x(10.0**power) for power in range(-3, 2)]
    widths = {round(after - before, 0) for before, after in pairwise(steps)}
    assert len(widths) == 1
    assert x(0) == x(0.001)
    assert x(math.inf) == x(10)


def test_each_bar_has_its_figure_and_what_is_missing_says_so() -> None:
    fast, slow = (summarise(Measure("gap"), samples) for samples in ([0.01, 0.02, 0.03], [math.inf]))
    text = svg("Gap & more", ["ours", "theirs"], [Group("a <b>", [fast, slow]), Group("c", [None, fast])])
    # Made by ourselves.
    root = ET.fromstring(text)  # noqa: S314
    said = [each.text for each in root.iter(f"{SVG}text")]
    assert said.count("20 ms") == 2
    assert {"Gap & more", "a <b>", "not while we looked", "not measured", "ours", "theirs"} <= set(said)
    bars = [each for each in root.iter(f"{SVG}rect") if each.get("height") == "11" and each.get("x") == "300"]
    assert [float(bar.get("width", "")) for bar in bars] == [
        pytest.approx(x(0.02) - 300),
        pytest.approx(x(10) - 300),
        pytest.approx(x(0.02) - 300),
    ]
