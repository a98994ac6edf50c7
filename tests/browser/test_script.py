"""The page in a real browser: what its script changes, and what it leaves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from tests.browser.chromium import Chromium
from tests.netns.lab import wait_until
from tests.unit.telemetry.handmade import Clock, Lines, router, snapshot
from tests.unit.telemetry.page.facts import HOSTILE, with_checks

pytestmark = [pytest.mark.parts, pytest.mark.browser]

VERDICT = "document.querySelector('h1').textContent"
STALE = "!document.getElementById('stale').hidden"


@dataclass
class Stage:
    """A status server, and a browser that has its page open."""

    clock: Clock
    store: StatusStore
    server: StatusServer
    browser: Chromium

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/status"


def serving(store: StatusStore, port: int = 0) -> StatusServer:
    server = StatusServer(Endpoint("127.0.0.1", port), store, Metrics((), (), store), Lines().log)
    server.start()
    return server


@pytest.fixture
def stage() -> Iterator[Stage]:
    clock = Clock()
    store = StatusStore(clock)
    store.publish(snapshot())
    store.beat(clock.now)
    server = serving(store)
    try:
        with Chromium() as browser:
            opened = Stage(clock, store, server, browser)
            browser.open(opened.url)
            yield opened
            assert browser.complaints == []
    finally:
        server.stop()


def test_news_change_what_they_are_about_and_leave_the_rest(stage: Stage) -> None:
    browser = stage.browser
    browser.call(
        "Emulation.setDeviceMetricsOverride", width=600, height=200, deviceScaleFactor=1, mobile=False
    )
    browser.evaluate("window.loaded = 1; document.querySelector('a').focus(); window.scrollTo(0, 50); 0")
    browser.evaluate("getSelection().selectAllChildren(document.getElementById('commands')); 0")
    before = browser.evaluate("[document.activeElement.outerHTML, String(getSelection())]")
    stage.store.publish(snapshot(router(reason="somebody has unplugged the cable")))
    browser.wait_for("document.body.textContent.includes('somebody has unplugged the cable')")
    assert browser.evaluate("window.loaded") == 1, "it was not loaded anew"
    assert browser.evaluate("window.scrollY") == 50
    assert browser.evaluate("[document.activeElement.outerHTML, String(getSelection())]") == before


def test_a_screen_reader_is_told_of_another_verdict_once(stage: Stage) -> None:
    browser, told = stage.browser, "document.getElementById('told')"
    assert browser.evaluate(f"{told}.textContent") == ""
    browser.evaluate(
        "window.times = 0; "
        "new MutationObserver(() => window.times++)"
        f".observe({told}, {{childList: true, characterData: true}})"
    )
    # The loop stands still, and the verdict says for how long: another text every second.
    stage.clock.now += 7.0
    browser.wait_for(f"{told}.textContent.includes('the protocol loop last ran')")
    assert browser.evaluate(f"{VERDICT}.endsWith({told}.textContent)")
    shown = browser.evaluate(VERDICT)
    stage.clock.now += 7.0
    browser.wait_for(f"{VERDICT} !== {shown!r}")
    assert browser.evaluate("window.times") == 1


def test_what_a_checked_server_says_is_text_and_nothing_else(stage: Stage) -> None:
    details = [HOSTILE[number % len(HOSTILE)] for number in range(100)]
    parts = "document.querySelectorAll('img, iframe, object, embed, link[rel=stylesheet]:not([href])').length"
    scripts, strange = stage.browser.evaluate(f"[document.scripts.length, {parts}]")
    stage.store.publish(with_checks(details, up=False))
    stage.browser.wait_for("document.querySelectorAll('table.checks tbody tr').length === 100")
    assert stage.browser.evaluate(f"[document.scripts.length, {parts}]") == [scripts, strange]
    assert stage.browser.evaluate("document.querySelectorAll('[onload], [onerror]').length") == 0
    assert stage.browser.evaluate("document.body.textContent.includes('<script>alert(1)</script>')")


def test_a_page_without_news_says_so_until_there_are_some(stage: Stage) -> None:
    port, title = stage.server.port, stage.browser.evaluate("document.title")
    stage.server.stop()
    stage.browser.wait_for(STALE)
    assert stage.browser.evaluate("document.body.className") == "old"
    assert stage.browser.evaluate("document.title").endswith(f"NO NEWS \N{MIDDLE DOT} {title}")
    stage.browser.complaints.clear()  # of the connections that were refused
    stage.server = serving(stage.store, port)
    try:
        stage.browser.wait_for(f"!({STALE})", 60)
        assert stage.browser.evaluate("[document.body.className, document.title]") == ["", title]
    finally:
        stage.server.stop()
    stage.browser.complaints.clear()


def test_a_telephone_shows_all_of_it(stage: Stage) -> None:
    long = "nothing-that-could-be-broken-into-lines-" * 20
    stage.store.publish(replace(with_checks([long], up=False)))
    stage.browser.call(
        "Emulation.setDeviceMetricsOverride", width=320, height=680, deviceScaleFactor=1, mobile=True
    )
    stage.browser.wait_for(f"document.body.textContent.includes({long[:40]!r})")
    assert stage.browser.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_scripts_the_page_comes_anew_by_itself(stage: Stage) -> None:
    browser = stage.browser
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.call("Page.navigate", url=stage.url)

    def shown(words: str) -> bool:
        return words in json.dumps(browser.call("DOM.getDocument", depth=-1))

    wait_until(lambda: shown("MASTER"), 30, "the page is there")
    stage.store.publish(snapshot(router(reason="somebody has unplugged the cable")))
    wait_until(lambda: shown("somebody has unplugged the cable"), 30, "the page was loaded again")
