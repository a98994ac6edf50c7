"""`/status` as a browser and curl get it from the real server.

Modules: telemetry.page.html, telemetry.page.source, telemetry.page.plain, telemetry.page.host,
telemetry.page.past, telemetry.page.columns.
"""

import http.client
import re
from base64 import b64encode
from collections import Counter
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.events.store import EventStore
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.page.columns import COLUMNS
from sidecar.telemetry.page.host import host_page
from sidecar.telemetry.page.past import past_of
from sidecar.telemetry.page.source import PageSource
from sidecar.telemetry.plain_words import printable
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import Clock, Lines, pool, router, snapshot
from tests.unit.telemetry.http_client import fetch
from tests.unit.telemetry.page.facts import HOSTILE, Html, large, with_checks

LARGEST = 40_000


def page(port: int, query: str = "") -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", f"/status{query}")
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read().decode()
    finally:
        connection.close()


def digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_the_verdict_is_one_sentence_with_symbol_colour_and_title(port: int) -> None:
    code, headers, source = page(port)
    assert (code, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    html = Html(source)
    (heading,) = html.all("h1")
    assert heading.text.startswith("! a: serves web (10.77.0.100); ")
    assert html.by_id("title").text == heading.text
    assert html.by_id("banner").attributes["class"] == "look"


def test_a_script_and_a_style_alone_are_allowed_and_nothing_is_loaded(
    port: int, status_store: StatusStore
) -> None:
    status_store.pools = (pool(),)
    _, headers, source = page(port)
    html = Html(source)
    (script,), (style,) = html.all("script"), html.all("style")
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": digest(script.text),
        "style-src": digest(style.text),
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    for tag in html.tags:
        assert not {"src", "style", "action"} & tag.attributes.keys(), tag
        assert not [name for name in tag.attributes if name.startswith("on")], tag
        link = tag.attributes.get("href")
        assert link is None or link.startswith(("/", "?", "data:image/svg+xml,")), tag
    assert not re.search(r"url\(|@import", style.text)


def test_ten_routers_and_forty_checks_are_less_than_40_kb(
    port: int, status_store: StatusStore, tmp_path: Path
) -> None:
    status_store.publish(large())
    status_store.events = EventStore(tmp_path, lambda: 1_790_000_000.0, lambda *_: None, lambda: None)
    for number in range(200):
        states = ("BACKUP", "MASTER") if number % 20 < 10 else ("MASTER", "BACKUP")
        move = {"event": "transition", "router": f"web-{number % 10}", "from": states[0], "to": states[1]}
        why = {"reason": "health", "detail": "check nginx failed: main process died with exit code 137"}
        status_store.events.put(1_789_999_400.0 + 2 * number, move | why)
    source = page(port)[2]
    assert source.count("<svg") == 10
    assert len(source.encode()) < LARGEST
    assert all(f"check-{number}<" in source for number in range(40))


def test_what_others_say_is_text(port: int, status_store: StatusStore) -> None:
    details = [HOSTILE[number % len(HOSTILE)] for number in range(100)]
    plain_script = Html(page(port)[2]).all("script")[0].text
    status_store.publish(with_checks(details, up=False))
    html = _changed(port, plain_script)
    head, *rows = html.within("checks")
    assert head == list(COLUMNS["checks"])
    cells = [row[-1] for row in rows]
    shown = [printable(detail) for detail in details]
    assert len(cells) == len(shown)
    assert all(
        cell == text or (cell.endswith("...") and text.startswith(cell.removesuffix("...")))
        for cell, text in zip(cells, shown, strict=True)
    )
    assert max(map(len, cells)) < 500
    assert not {tag.name for tag in html.tags} & {"img", "iframe", "b/onload"}
    assert len(html.all("svg")) == 1  # the line of the router
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", html.source)


def _changed(port: int, script: str) -> Html:
    """The page once it shows the checks; there is one script as before."""
    html = Html(page(port)[2])
    while "check-99" not in html.source:
        html = Html(page(port)[2])
    assert [tag.text for tag in html.all("script")] == [script]
    return html


def test_it_is_whole_without_scripts_and_loads_itself_anew(port: int) -> None:
    html = Html(page(port)[2])
    refresh = [tag for tag in html.all("meta") if tag.attributes.get("http-equiv") == "refresh"]
    assert [tag.attributes["content"] for tag in refresh] == ["5"]
    before = html.source[: html.source.index('http-equiv="refresh"')]
    assert before.endswith("<noscript><meta ")
    assert html.by_id("stale").attributes.get("hidden", "shown") is None
    for words in ("gateway", "no reply", "10.77.0.100/32", "held here", "250, now 230", "VipCheckFailing"):
        assert words in html.by_id("hosts").text + html.by_id("tables").text


@pytest.mark.parametrize(
    ("query", "seconds"),
    [("?refresh=0", None), ("?refresh=1", "1"), ("?refresh=99999", "3600"), ("?refresh=x", "5"),
     ("?refresh=" + 5000 * "0" + "7", "7"), ("?refresh=" + 5000 * "9", "3600")],
)  # fmt: skip
def test_how_often_it_is_loaded_anew_can_be_said(port: int, query: str, seconds: str | None) -> None:
    found = re.findall(r'http-equiv="refresh" content="(\d+)"', page(port, query)[2])
    assert found == ([] if seconds is None else [seconds])


def test_plain_is_text_whose_first_line_is_the_verdict(port: int) -> None:
    code, kind, body = fetch(port, "/status?plain")
    text = body.decode()
    assert (code, kind) == (200, "text/plain; charset=utf-8")
    assert text.splitlines()[0] == "! a: serves web (10.77.0.100); web contends at priority 230, not 250"
    assert "  ✗ gateway  icmp       DOWN        14:13:10, 10 s   no reply\n" in text
    assert "<" not in text
    assert "\x1b" not in text


def test_the_name_of_an_interface_cannot_write_to_the_terminal(port: int, status_store: StatusStore) -> None:
    status_store.publish(snapshot(router(device="e\x1b[2J", cannot_send="filtered")))
    for query in ("?plain", ""):
        text = page(port, query)[2]
        assert "\x1b" not in text
        assert "tcpdump -ni e?[2J " in text
        assert "e?[2J" in text.partition("Virtual IPs")[2].partition("Checks")[0]


def test_before_anything_is_decided_it_says_so(metrics: Metrics, lines: Lines, clock: Clock) -> None:
    server = StatusServer(Endpoint("127.0.0.1", 0), StatusStore(clock), metrics, lines.log)
    server.start()
    try:
        code, _, source = page(server.port)
        assert (code, Html(source).all("h1")[0].text) == (503, "! vip-sidecar: starting: nothing decided yet")
        assert fetch(server.port, "/status?plain")[0] == 503
    finally:
        server.stop()


def test_a_stuck_loop_is_red_and_the_page_answers(port: int, clock: Clock) -> None:
    clock.now += 12.3
    html = Html(page(port)[2])
    assert html.by_id("banner").attributes["class"] == "bad"
    assert "the protocol loop last ran 12.3 s ago" in html.by_id("title").text


def test_alerts_count_what_255_routers_do_together(tmp_path: Path) -> None:
    """A link that comes and goes moves all of them, and each more often than a move is nothing to look at."""
    store = EventStore(tmp_path, lambda: 1_790_000_000.0, lambda *_: None, lambda: None)
    for number in range(6 * 255):
        move = {"event": "transition", "router": f"web-{number % 255}", "from": "MASTER", "to": "BACKUP"}
        store.put(1_789_999_400.0 + 0.1 * number, move)
    counted = Counter(event["router"] for event in past_of(store, 1_790_000_000.0).counted)
    assert set(counted.values()) == {6}
    assert len(counted) == 255


def test_a_crowd_costs_no_more_than_one(status_store: StatusStore) -> None:
    kept, new = (
        PageSource(partial(host_page, status_store), fresh=3600),
        PageSource(partial(host_page, status_store), fresh=0),
    )
    before, old = kept.now(), new.now()
    status_store.publish(snapshot(router(reason="another cause")))
    assert kept.now() is before
    assert "another cause" in new.now().parts["hosts"]
    assert "another cause" not in old.parts["hosts"]


def test_each_page_that_is_made_shows_how_things_are_then(status_store: StatusStore) -> None:
    asked: list[bool] = []
    status_store.look = asked.append
    source = PageSource(partial(host_page, status_store), fresh=60.0)
    for _ in range(3):
        source.now()
    assert asked == [False]
