"""The fleet as HTML and as text: the worst first, links to hosts, and nothing that a host says is markup."""

import re

from sidecar.cli.fleet.page import build
from sidecar.cli.fleet.picture import Picture
from sidecar.cli.fleet.poll import Answer
from sidecar.cli.fleet.verdicts import judge
from sidecar.telemetry.page.html import parts, whole
from sidecar.telemetry.page.model import Page, Tone
from sidecar.telemetry.page.plain import plain
from tests.unit.cli.fleet.fleets import NOW, master, standby, unreadable
from tests.unit.telemetry.page.facts import HOSTILE, Html

LARGEST = 40_000


def page(*answers: Answer) -> Page:
    return build(Picture(judge(answers, NOW), answers, NOW))


def html(shown: Page) -> Html:
    return Html(whole(shown, parts(shown), 5))


def pairs(number: int) -> list[Answer]:
    return [
        each for at in range(number) for each in (master(f"a{at}", f"c{at}"), standby(f"b{at}", f"c{at}"))
    ]


def test_all_well_is_green_and_counted() -> None:
    shown = page(*pairs(2))
    assert shown.banner.tone is Tone.WELL
    assert shown.banner.title == "✓ fleet: 2 of 2 routers served with a standby · 4 of 4 hosts read"


def test_the_worst_is_the_sentence_and_the_first_row_and_each_host_is_a_link() -> None:
    source = html(page(*pairs(1), master("c", "x"), unreadable("d", "x")))
    assert source.by_id("banner").attributes["class"] == "bad"
    assert source.by_id("title").text.startswith(
        "✗ fleet: x web 51 UNREADABLE: c serves; d:9650 is unreadable: "
    )
    first = source.all("tr")[1]
    assert "UNREADABLE" in first.text
    links = [(tag.text, tag.attributes["href"]) for tag in source.all("a")]
    assert ("c", "http://c:9650/status") in links
    assert ("d:9650", "http://d:9650/status") in links
    assert ("as JSON", "/fleet.json") in links


def test_what_a_host_says_is_text() -> None:
    answers = [
        answer
        for number, says in enumerate(HOSTILE)
        for answer in (
            master("a", f"c{number}"),
            standby(f"b{number}", f"c{number}", router={"state": "FAULT", "reason": says}, version=says),
        )
    ]
    source = html(page(*answers))
    assert not {tag.name for tag in source.tags} & {"img", "svg", "iframe"}
    assert len(source.all("script")) == 1
    links = [str(tag.attributes["href"]) for tag in source.all("a")]
    assert all(
        re.fullmatch(r"\?plain|\?refresh=0|/fleet\.json|http://[ab]\d*:9650/status", each) for each in links
    )


def test_forty_pairs_are_less_than_40_kb_and_a_thousand_are_bounded() -> None:
    assert len(html(page(*pairs(40))).source.encode()) < LARGEST
    many = page(*pairs(1000))
    assert len(many.tables[0].rows) == 100
    assert many.tables[0].note.startswith("900 more have no room here, the worst of them ✓")
    assert len(html(many).source.encode()) < 2 * LARGEST


def test_no_host_at_all_does_not_look_well() -> None:
    assert build(Picture((), (), NOW)).banner.tone is Tone.BAD


def test_as_text_the_verdict_is_the_first_line() -> None:
    text = plain(page(*pairs(1), unreadable("d", "x"))).splitlines()
    assert text[0].startswith("✗ fleet: x ? UNREADABLE: d:9650 is unreadable: no answer within 2 s; ")
    assert any(
        line.split() == ["✓", "OK", "c0", "web", "51", "10.77.0.100", "a0", "serves", "a0,", "b0"]
        for line in text
    )
