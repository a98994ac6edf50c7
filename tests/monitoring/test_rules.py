"""The rules are valid, read only what a sidecar shows, and each alert says what to do."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from sidecar.telemetry import logfmt
from sidecar.telemetry.log_events import EVENTS, trouble_event
from sidecar.telemetry.troubles import MEANINGS
from tests.monitoring.promtool import ROOT, RULES, promtool
from tests.monitoring.recording import exposed
from tests.monitoring.rules import Alert, alerts, expressions, recorded
from tests.monitoring.test_firing import FAULTS
from tests.unit.docs.pages import anchors, pages, text_of

RUNBOOK = Path("docs/runbook.md")
ALERTS = alerts()
_SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def sections() -> dict[str, str]:
    return dict(_SECTION.findall(text_of(RUNBOOK)))


@pytest.mark.parts
def test_promtool_accepts_every_file() -> None:
    done = promtool("check", "rules", *map(str, RULES))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout


def test_every_alert_has_a_fault_at_which_it_fires() -> None:
    assert ALERTS.keys() == FAULTS.keys()
    for name, fault in FAULTS.items():
        assert name in fault.fires


def test_every_metric_that_a_rule_reads_is_exposed_or_recorded() -> None:
    known = {name for name, _ in exposed()}
    for expression in expressions():
        assert set(re.findall(r"\bvipsidecar_\w+", expression)) <= known, expression
        assert set(re.findall(r"\bvipsidecar:[\w:]+", expression)) <= recorded(), expression


def test_every_label_value_that_a_rule_selects_is_exposed() -> None:
    series = [(name, dict(labels)) for name, labels in exposed()]
    for expression in expressions():
        for name, selector in re.findall(r"\b(vipsidecar_\w+)\{([^}]*)\}", expression):
            wanted = dict(re.findall(r'(\w+)="([^"]*)"', selector))
            wanted.pop("cluster", None)
            assert any(each == name and wanted.items() <= labels.items() for each, labels in series), selector


@pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda alert: alert.name)
def test_each_alert_says_what_it_is_and_what_to_type(alert: Alert) -> None:
    assert alert.annotations.keys() == {"summary", "description", "command", "runbook_url"}
    assert alert.severity in ("critical", "warning")
    told = re.sub(r"\{\{ (if|else|end)\b.*?\}\}", "", alert.annotations["summary"])
    assert len(told) <= 100
    assert "\n" not in alert.annotations["command"]


@pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda alert: alert.name)
def test_each_text_uses_labels_that_its_alert_has(alert: Alert) -> None:
    text = " ".join(alert.annotations.values())
    used = set(re.findall(r"\$labels\.(\w+)", text))
    # A host without the label that the alert misses has an instance all the same.
    assert used <= FAULTS[alert.name].fires[alert.name].keys(), used


def test_the_page_about_alerts_lists_each_under_its_severity() -> None:
    page = text_of(Path("docs/alerts.md"))
    rows = re.findall(r"^\| `(critical|warning)`[^|]*\| ([^|]+) \|$", page, re.MULTILINE)
    listed = {name: severity for severity, names in rows for name in names.split(", ")}
    assert listed == {alert.name: alert.severity for alert in ALERTS.values()}
    assert f"{len(listed)} alerts" in page


@pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda alert: alert.name)
def test_each_alert_leads_to_its_section_of_the_runbook(alert: Alert) -> None:
    page, _, anchor = alert.annotations["runbook_url"].partition("#")
    assert ROOT / page == ROOT / RUNBOOK
    assert anchor == alert.name.lower()
    assert anchor in anchors(text_of(RUNBOOK))


@pytest.mark.parametrize("name", ALERTS)
def test_each_section_of_the_runbook_says_what_it_means_what_to_type_first_and_how_to_mend_it(
    name: str,
) -> None:
    for word in ("**Means:**", "**First:**", "**Then:**"):
        assert word in sections()[name], word


def test_the_runbook_has_no_section_of_an_alert_that_is_gone() -> None:
    assert sections().keys() == ALERTS.keys()


_LOG = re.compile(r"(?:compose logs|journalctl|its log:)[^|\n]*?(?:\| )?grep ([^|`#\n]+)")


def searches() -> Iterator[str]:
    """Yield what alerts and pages have grep look for in the log."""
    texts = [*(alert.annotations["command"] for alert in ALERTS.values()), *map(text_of, pages())]
    for text in texts:
        yield from map(str.strip, _LOG.findall(text))


@pytest.mark.parametrize("search", sorted(set(searches())))
@pytest.mark.parametrize("style", ["json", "logfmt"])
def test_what_is_looked_for_in_the_log_is_a_line_of_it(search: str, style: str) -> None:
    """Each pattern by itself: one that finds nothing hides behind one that does."""
    names = [event.name for event in EVENTS] + [trouble_event(*each) for each in MEANINGS]
    events = [{"level": "warning", "event": name, "node": "lb1", "detail": ""} for name in names]
    render = json.dumps if style == "json" else partial(logfmt.line, severity=False)
    log = "\n".join(map(render, events))
    words = shlex.split(search)
    options = [word for word in words if word.startswith("-") and word != "-e"]
    for pattern in (word for word in words if not word.startswith("-")):
        found = subprocess.run(
            ["grep", *options, "-e", pattern], input=log, capture_output=True, text=True, check=False
        )
        assert found.stdout, pattern


def test_searches_of_the_log_are_found() -> None:
    assert {"-w transition", "observer_lost", "-e unknown_master -e unexpected_sender"} <= set(searches())
