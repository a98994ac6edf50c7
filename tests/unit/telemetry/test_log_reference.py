"""docs/log.md is what the tables say, and the tables are what the code writes.

Modules: telemetry.log_events, telemetry.log_reference, telemetry.troubles.
"""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from sidecar.core.wire.advert import Drop
from sidecar.telemetry.events.kinds import BY_NAME
from sidecar.telemetry.label_values import ERRORS, VIP_CHANGES
from sidecar.telemetry.log_events import EVENTS, trouble_event
from sidecar.telemetry.log_reference import lines
from sidecar.telemetry.metric_table import METRICS
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.reporter import Reporter
from sidecar.telemetry.troubles import MEANINGS, REFUSED
from tests.fuzz.channel_decoders import REPORTS
from tests.unit.telemetry.handmade import Lines

ROOT = Path(__file__).parents[3]
LEVELS = {"debug", "info", "warning", "error", "critical"}
WRITERS = LEVELS | {"write", "_audit"}
COMPONENTS = {component for component, _ in ERRORS}
"""First arguments of counters of errors, which are called like levels."""
NAMES = {event.name: event for event in EVENTS}
TROUBLES = {trouble_event(component, reason) for component, reason in ERRORS}


def test_the_committed_page_is_current() -> None:
    page = (ROOT / "docs" / "log.md").read_text(encoding="utf-8")
    assert page.splitlines() == list(lines()), "run `python -m sidecar.telemetry.log_reference > docs/log.md`"


def constants(argument: ast.expr) -> Iterator[str]:
    """The texts that an argument can be, where it is written out."""
    match argument:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from (*constants(body), *constants(other))


def named(call: ast.Call) -> Iterator[str]:
    """The names of the line that a call writes: the first argument, or that after a level."""
    function = call.func
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if called in WRITERS and call.args:
        yield from constants(call.args[0])
    for level, name in pairwise(call.args):
        if isinstance(level, ast.Attribute) and ast.unparse(level.value) == "Level":
            yield from constants(name)


def written() -> set[str]:
    """Names of all lines that the code writes in so many words."""
    found: set[str] = set()
    for folder in ("telemetry", "observer", "router"):
        for source in (ROOT / "sidecar" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    found |= {text for text in named(node) if text.isidentifier()}
    return found


def test_every_line_that_the_code_writes_is_in_the_table_and_no_other() -> None:
    dynamic = {f"vip_{change}" for change in VIP_CHANGES} | {"server_up", "server_down", "log_dropped"}
    assert written() - set(NAMES) - TROUBLES <= set(COMPONENTS)
    assert set(NAMES) - dynamic - written() == set()
    assert {"check_down", "transition", "observer_lost", "docker_lost", "no_lock", "drained"} <= written()


def test_what_the_router_tells_has_the_fields_of_its_row(metrics: Metrics) -> None:
    told = Lines()
    reporter = Reporter(metrics, told.log)
    for report in REPORTS:
        reporter.told(report)
    assert len(told.seen) == len(REPORTS)
    for line in told.seen:
        if "component" not in line:
            event = NAMES[line["event"]]
            assert set(line) - {"level", "event"} <= set(event.fields), line
            assert line["level"] in event.level


def test_every_trouble_has_a_meaning_and_a_name_of_its_own() -> None:
    assert set(MEANINGS) == set(ERRORS)
    assert len(TROUBLES) == len(ERRORS)
    assert not TROUBLES & set(NAMES)
    assert set(REFUSED) == set(Drop)


def test_an_event_that_is_kept_has_the_same_name_in_the_log() -> None:
    assert set(BY_NAME) - set(NAMES) == {"observer_started", "warning"}


def test_each_counter_that_a_row_names_exists() -> None:
    assert {event.counter for event in EVENTS} - {""} <= {metric.name for metric in METRICS}
