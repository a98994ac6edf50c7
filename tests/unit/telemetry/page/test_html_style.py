"""Colours can be read (WCAG 2.2 asks for a contrast of 4.5 of text of this size), and cells have names."""

import re
from itertools import product

from sidecar.telemetry.page.columns import COLUMNS
from sidecar.telemetry.page.html import asset
from sidecar.telemetry.page.timeline import LETTER_OF

ENOUGH = 4.5


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def themes() -> list[dict[str, str]]:
    blocks = re.findall(r":root\{([^}]*)\}", asset("status.css"))
    return [dict(re.findall(r"--(\w+):#([0-9a-f]+)", block)) for block in blocks]


def test_contrast_is_a_number_that_is_known() -> None:
    assert round(contrast("fff", "000000"), 1) == 21.0
    assert round(contrast("777777", "ffffff"), 2) == 4.48


def test_text_can_be_read_in_light_and_dark() -> None:
    light, dark = themes()
    assert light.keys() == dark.keys()
    assert luminance(light["page"]) > 0.5 > luminance(dark["page"])
    inks = ("text", "faint", "bad", "look", "idle", "well")
    for theme, ink, paper in product((light, dark), inks, ("page", "card")):
        assert contrast(theme[ink], theme[paper]) >= ENOUGH, (ink, paper, theme)


def test_the_verdict_can_be_read_on_its_colours() -> None:
    papers = re.findall(r"(?:header[.\w]*|#stale)\{[^}]*?background:#([0-9a-f]+)", asset("status.css"))
    assert len(papers) == 5
    assert min(contrast("fff", paper) for paper in papers) >= ENOUGH


def test_the_line_of_who_served_can_be_seen_and_told_apart_without_colours() -> None:
    """WCAG 2.2 asks for a contrast of 3 of what is drawn; three kinds differ in height or pattern, too."""
    drawn = dict(re.findall(r"path\.(\w+)\{([^}]*)\}", asset("status.css")))
    inks = {kind: re.findall(r"stroke:var\(--(\w+)\)", style)[0] for kind, style in drawn.items()}
    assert inks.keys() == LETTER_OF.keys()
    for theme, ink in product(themes(), inks.values()):
        assert contrast(theme[ink], theme["card"]) >= 3, ink
    shapes = [re.sub(r"stroke:[^;]*;?", "", style) for style in drawn.values()]
    assert len(set(shapes)) == len(shapes)


def test_words_of_ours_are_whole_beside_a_long_detail() -> None:
    wide = asset("status.css").partition("@media(max-width:44rem){")[0]
    kept = re.search(r"\n(.*)\{overflow-wrap:normal\}\n", wide.replace("th{", ""))
    assert kept is not None
    for kind, column in (("checks", "result"), ("checks", "since"), ("pool", "result"), ("events", "when")):
        assert f".{kind} td:nth-child({COLUMNS[kind].index(column) + 1})" in kept[1].split(",")
    foreign = (("checks", "last"), ("events", "cause"), ("routers", "because"), ("alerts", "about"))
    for kind, column in foreign:
        assert f".{kind} td:nth-child({COLUMNS[kind].index(column) + 1})" not in kept[1].split(",")


def test_on_a_narrow_screen_each_cell_is_named_as_its_column_is() -> None:
    narrow = asset("status.css").partition("@media(max-width:44rem){")[2]
    named = re.findall(r"\.(\w+) td:nth-child\((\d)\)::before\{content:'(\w+)'\}", narrow)
    assert named == [
        (kind, str(number), column)
        for kind, columns in COLUMNS.items()
        for number, column in enumerate(columns, 1)
    ]
