"""The dashboard asks for what a sidecar shows, in expressions that Prometheus accepts, and no panel is empty.

Grafana itself is not run: what it draws has not been looked at.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.monitoring.promtool import DASHBOARD, evaluate, promtool
from tests.monitoring.recording import exposed
from tests.monitoring.rules import recorded
from tests.monitoring.schema import lost

WHOLE: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = [panel for panel in WHOLE["panels"] if panel["type"] != "row"]
VARIABLES = {"$__rate_interval": "1m", "$__interval": "1m", "$cluster": ".*", "$router": ".*"}


def filled(expression: str) -> str:
    """An expression with a value in the place of each variable, as Grafana sends it."""
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, "a variable that the dashboard does not have"
    return expression


def expressions() -> Iterator[tuple[str, str]]:
    """Each expression with where it stands."""
    for panel in PANELS:
        for target in panel["targets"]:
            yield f"{panel['title']} {target['refId']}", filled(target["expr"])
    for annotation in WHOLE["annotations"]["list"]:
        yield annotation["name"], filled(annotation["expr"])


EXPRESSIONS = dict(expressions())
FAILOVER = Path(__file__).with_name("failover.json")
ENDED = "24s"
"""Moment of the last scrape of the recording."""


@pytest.mark.parts
def test_prometheus_accepts_every_expression(tmp_path: Path) -> None:
    rules = [
        {"record": f"dashboard:{number}", "expr": text} for number, text in enumerate(EXPRESSIONS.values())
    ]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    done = promtool("check", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules)} rules found" in done.stdout


@pytest.mark.parts
def test_no_expression_is_empty_in_the_recording_of_a_failover(tmp_path: Path) -> None:
    """Real sidecars were recorded (tests/netns/record_failover.py), once a second."""
    recorded_series = json.loads(FAILOVER.read_text(encoding="utf-8"))
    tests = [
        {"expr": f"count({text}) > bool 0", "eval_time": ENDED, "exp_samples": [{"labels": "{}", "value": 1}]}
        for text in EXPRESSIONS.values()
    ]
    group = {"interval": "1s", "input_series": recorded_series, "promql_expr_test": tests}
    assert not evaluate(tmp_path, [group], tick=1)


@pytest.mark.parametrize("where", EXPRESSIONS)
def test_every_name_in_an_expression_is_exposed_or_recorded(where: str) -> None:
    known = {name for name, _ in exposed()}
    names = set(re.findall(r"\b(?:vipsidecar|process)_\w+", EXPRESSIONS[where]))
    rules = set(re.findall(r"\bvipsidecar:[\w:]+", EXPRESSIONS[where]))
    assert names or rules
    assert names <= known
    assert rules <= recorded()


def test_every_variable_asks_for_a_label_that_is_there() -> None:
    labels = {name: {label for label, _ in pairs} for name, pairs in exposed()}
    for variable in WHOLE["templating"]["list"]:
        if variable["type"] != "query":
            continue
        name, label = re.fullmatch(r"label_values\((\w+).*, (\w+)\)", variable["definition"]).groups()  # type: ignore[union-attr]
        assert label in labels[name] | {"cluster", "instance"}


def test_a_field_that_is_lost_or_changed_is_named() -> None:
    before = {"panels": [{"title": "a", "unit": "s"}, {"title": "b"}], "uid": "x", "tags": [1]}
    after = {"panels": [{"title": "a"}, {"title": "c"}], "uid": "x", "tags": []}
    assert list(lost(before, after)) == ["panels/unit", "panels/title", "tags"]
    assert list(lost(before, before)) == []


def test_the_table_of_hosts_links_to_their_pages() -> None:
    (hosts,) = [panel for panel in PANELS if panel["title"] == "Hosts"]
    links = [
        link["url"].removeprefix("http://${__value.raw}")
        for override in hosts["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == "links"
        for link in each["value"]
    ]
    assert links == ["/status"]


def test_each_panel_says_what_it_shows_and_none_lies_over_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in WHOLE["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert all(panel["title"] and panel["description"] for panel in PANELS)
    assert len({panel["id"] for panel in WHOLE["panels"]}) == len(WHOLE["panels"])
