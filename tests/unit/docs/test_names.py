"""Tests, files, modules, commands and metrics that the pages name exist under these names."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from sidecar.cli.arguments import VERBS
from sidecar.core.health.params import CheckParams
from sidecar.telemetry.label_values import ERRORS
from sidecar.telemetry.log_events import EVENTS, trouble_event
from sidecar.telemetry.metric_table import METRICS, PREFIX
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.page.alerts.table import FOR_PROMETHEUS, RULES
from sidecar.telemetry.status_store import StatusStore
from tests.unit.docs.pages import ROOT, code, pages, text_of
from tests.unit.telemetry.handmade import Clock, snapshot

_FUNCTION = re.compile(r"^ *(?:async )?def (\w+)", re.MULTILINE)
_FOLDERS = ("sidecar", "tests", "bench", "lab", "docs", "examples", "docker-proxy", "nginx", ".ci")


@cache
def known_tests() -> set[str]:
    """Names of all test functions and of the files that they are in."""
    names = set()
    for file in ROOT.glob("tests/**/test_*.py"):
        names.add(file.stem)
        names |= set(_FUNCTION.findall(file.read_text(encoding="utf-8")))
    return names


def mentioned(page: Path, pattern: str) -> Iterator[str]:
    """Matches of a pattern in the code of a page: its first group."""
    for piece in code(text_of(page)):
        yield from (match.group(1) for match in re.finditer(pattern, piece))


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_test_that_a_page_names_exists(page: Path) -> None:
    named = set(mentioned(page, r"\b(test_[a-z0-9_]+)\b"))
    assert not named - known_tests(), page


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_file_that_a_page_names_exists(page: Path) -> None:
    beginning = "|".join(map(re.escape, _FOLDERS))
    named = {name.rstrip("./") for name in mentioned(page, rf"(?<![\w/.-])((?:{beginning})/[\w./-]+)")}
    assert not {name for name in named if "KIND" not in name and not (ROOT / name).exists()}, page


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_module_that_a_page_names_exists(page: Path) -> None:
    named = {name.rstrip(".") for name in mentioned(page, r"-m ((?:sidecar|tests|bench|lab)[\w.]*)")}
    assert not {name for name in named if find_spec(name) is None}, page


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_verb_that_a_page_names_is_one(page: Path) -> None:
    named = set(
        mentioned(
            page, r"(?<![\w/.-])(?:vip-sidecar|-m sidecar|run --rm(?: --no-deps)? sidecar) ([a-z][a-z-]*)"
        )
    )
    assert not named - set(VERBS), page


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_make_target_that_a_page_names_is_one(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(mentioned(page, r"(?:^|[^\w-])make ((?!-)[a-z][a-z0-9-]*)"))
    assert not named - targets, page


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_metric_that_a_page_names_exists(page: Path) -> None:
    metrics = {PREFIX + metric.name for metric in METRICS}
    metrics |= {f"{name}_{part}" for name in metrics for part in ("bucket", "sum", "count")}
    named = set(mentioned(page, r"\b(vipsidecar_[a-z0-9_]+)\b(?!\*)"))
    assert not {name for name in named if name not in metrics and not name.endswith("_")}, page


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_trouble_that_a_page_names_can_be_counted(page: Path) -> None:
    named = set(re.findall(r'component="(\w+)",reason="(\w+)"', text_of(page)))
    assert not named - set(ERRORS), page


def looked_for(page: Path) -> Iterator[str]:
    """Words for which the commands of a page search the log of the sidecar, and the events that it lists."""
    for piece in code(text_of(page)):
        for line in piece.splitlines():
            if "sidecar" in line and " | grep" in line:
                yield from re.findall(r"[a-z]+(?:_[a-z]+)*", line.partition(" | grep ")[2].split("#")[0])
    section = text_of(page).partition("## Lines of the log")[2].partition("## ")[0]
    yield from re.findall(r"`([a-z]+(?:_[a-z]+)*)`", section)


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_event_of_the_log_that_a_page_looks_for_is_written(page: Path) -> None:
    events = {event.name for event in EVENTS} | {trouble_event(*error) for error in ERRORS}
    known = {*events, *(reason for _, reason in ERRORS), "event", "reason", "e", "w"}
    assert not set(looked_for(page)) - known, page


def test_each_variable_of_the_compose_file_for_hosts_is_explained() -> None:
    named = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.host.yml").read_text(encoding="utf-8")))
    explained = "".join(text_of(page) for page in pages())
    assert {"PRIORITY", "SIDECAR_IMAGE"} <= named
    assert not {name for name in named if name not in explained}


def test_the_alerts_that_a_host_judges_itself_are_counted_right() -> None:
    judged, others = len(RULES), len(FOR_PROMETHEUS)
    assert f"{judged} of the {judged + others} of" in text_of(Path("docs/page.md"))
    assert f"{judged} of {judged + others}" in text_of(Path("CHANGELOG.md"))
    assert f"{judged + others} alerts" in text_of(Path("docs/alerts.md"))


def test_the_series_of_a_host_are_as_many_as_the_page_says() -> None:
    """One router and three checks, so that whoever runs forty pairs knows what Prometheus has to store."""
    status_store = StatusStore(Clock(0.0), wall=lambda: 1_790_000_000.0)
    status_store.publish(snapshot())
    checks = [CheckParams("nginx", "nginx"), CheckParams("http", "http"), CheckParams("gateway", "icmp")]
    text = Metrics(["web"], checks, status_store).expose()[1].decode()
    series = sum(not line.startswith("#") for line in text.splitlines())
    said = re.search(r"some (\d+) series, and a scrape is some (\d+) kB", text_of(Path("docs/alerts.md")))
    assert said is not None
    assert int(said[1]) == pytest.approx(series, rel=0.1)
    assert int(said[2]) == pytest.approx(len(text) / 1000, rel=0.1)


@cache
def known_files() -> set[str]:
    """Names of all files of code, without their folders."""
    return {
        file.name
        for folder in ("sidecar", "tests", "bench", "lab")
        for file in ROOT.glob(f"{folder}/**/*.py")
    }


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_file_of_code_that_a_page_names_by_its_name_alone_exists(page: Path) -> None:
    named = set(mentioned(page, r"^(?:[a-z_]+/)*([a-z0-9_]+\.py)$"))
    assert not named - known_files(), page


def test_the_readme_names_every_verb() -> None:
    row = next(line for line in text_of(Path("README.md")).splitlines() if line.startswith("| Verbs |"))
    assert set(re.findall(r"`([a-z-]+)`", row.split(" | ")[1])) == set(VERBS)
