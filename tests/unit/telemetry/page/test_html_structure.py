"""The page as a screen reader finds it: landmarks, headings, names of tables and pictures, order of focus."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sidecar.telemetry.events.store import EventStore
from sidecar.telemetry.page.banner import banner
from sidecar.telemetry.page.html import asset
from sidecar.telemetry.status_store import StatusStore
from sidecar.telemetry.verdict import judge
from tests.unit.telemetry.handmade import pool
from tests.unit.telemetry.http_client import fetch
from tests.unit.telemetry.page.facts import Html
from tests.unit.telemetry.page.pages import document

LANDMARKS = ["Hosts", "Who served", "Virtual IPs", "Checks", "Last ", "Alerts", "Commands"]


@pytest.fixture
def html(port: int, status_store: StatusStore, tmp_path: Path) -> Html:
    """Everything that a page can have: pools, alerts, events and the line of who served."""
    status_store.pools = (pool(),)
    status_store.events = EventStore(tmp_path, lambda: 1_790_000_000.0, lambda *_: None, lambda: None)
    status_store.events.put(
        1_789_999_900.0, {"event": "transition", "router": "web", "from": "BACKUP", "to": "MASTER"}
    )
    return Html(fetch(port, "/status")[2].decode())


def name_of(html: Html, attributes: dict[str, str | None]) -> str:
    """The name by which an element is told."""
    label = attributes.get("aria-label")
    return label or html.by_id(attributes["aria-labelledby"] or "").text


def test_every_part_is_a_landmark_with_a_name(html: Html) -> None:
    assert [len(html.all(each)) for each in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert "<header" not in html.source.partition("<main>")[2]
    names = [name_of(html, section.attributes) for section in html.all("section")]
    assert len(names) == len(set(names))
    assert all(any(name.startswith(each) for name in names) for each in LANDMARKS), names


def test_no_level_of_headings_is_left_out(html: Html) -> None:
    levels = [int(tag.name[1]) for tag in html.tags if re.fullmatch("h[1-6]", tag.name)]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_tables_and_pictures_have_a_role_and_a_name(html: Html) -> None:
    assert html.all("table")
    for table in html.all("table"):
        assert table.attributes["role"] == "table"
        assert name_of(html, table.attributes)
    roles = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader", "td": "cell"}
    for tag in html.tags:
        # On a narrow screen they are blocks, which would take their role away.
        assert tag.name not in roles or tag.attributes["role"] == roles[tag.name]
    assert html.all("svg")
    for picture in html.all("svg"):
        assert picture.attributes["role"] == "img"
        assert name_of(html, picture.attributes).startswith("web: this host served ")


def test_a_new_verdict_and_missing_news_are_told_and_nothing_else(html: Html) -> None:
    told = [
        tag.name for tag in html.tags if tag.attributes.get("aria-live") or "alert" in tag.attributes.values()
    ]
    assert told == ["p"]
    spoken = [tag.attributes["id"] for tag in html.tags if tag.attributes.get("role") == "status"]
    assert spoken == ["told"]
    assert html.by_id("told").text == ""


def sentence(**loop: Any) -> str:
    whole = document(loop={"alive": False, "beat_age_seconds": 1.0, "picture_age_seconds": 1.0} | loop)
    return banner(whole, judge(whole)).sentence


def test_the_seconds_of_a_verdict_make_no_new_one() -> None:
    """What a script says of a verdict to screen readers is the same while only its spans grow."""
    (pattern,) = re.findall(r"timeless = text => text.replace\(/(.*?)/g", asset("status.js"))
    first, later = (sentence(beat_age_seconds=age) for age in (3.0, 64.7))
    assert first != later
    assert re.sub(pattern, "", first) == re.sub(pattern, "", later)
    for one, other, same in (
        ("check http is down: 503 in 3 ms", "check http is down: 503 in 14 ms", True),
        ("check http is down: 503 in 3 ms", "check http is down: 404 in 3 ms", False),
        (
            "b has not told its status for 31 s: refused",
            "b has not told its status for 3100 s: refused",
            True,
        ),
        ("serves web (10.77.0.100)", "serves web (10.77.0.101)", False),
        ("web: 2 masters were seen", "web: 3 masters were seen", False),
    ):
        assert (re.sub(pattern, "", one) == re.sub(pattern, "", other)) is same, one


def test_keys_reach_links_in_their_order_and_nothing_else(html: Html) -> None:
    assert not [tag for tag in html.tags if "tabindex" in tag.attributes]
    assert not [tag for tag in html.tags if tag.name in ("button", "input", "select", "summary")]
    assert html.all("a")
    assert all(link.text.strip() and link.attributes["href"] for link in html.all("a"))
    assert html.all("html")[0].attributes["lang"] == "en"


def test_no_sign_is_told_without_a_word(html: Html) -> None:
    """A symbol is not read out; the state, the result or the sentence beside it is."""
    assert all(sign.attributes.get("aria-hidden") == "true" for sign in html.all("i"))
