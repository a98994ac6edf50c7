"""Pools as people and scrapers see them."""

import pytest

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.pool.events import (
    Drifted,
    JudgingChanged,
    ModeChanged,
    NameChanged,
    Reloaded,
    ReloadResult,
    ServerChanged,
    ServerProbed,
)
from sidecar.core.pool.upstream import Mode
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.pool_reporter import QUIET, PoolReporter
from sidecar.telemetry.status import render
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import Lines, pool
from tests.unit.telemetry.test_metrics import scrape, value

ONE = "10.0.0.21:8080"


@pytest.fixture
def reporter(metrics: Metrics, lines: Lines) -> PoolReporter:
    metrics.prepare_pools(["app"])
    return PoolReporter(metrics, lines.log)


def reloaded(result: ReloadResult, detail: str = "") -> Reloaded:
    told = result in (ReloadResult.LIVE, ReloadResult.UNPROVEN)
    return Reloaded("app", 8, result, frozenset({ONE}), "why", detail, 0.15, told)


def test_the_status_document_shows_every_server_and_why(status_store: StatusStore) -> None:
    status_store.pools = (pool(),)
    view = status_store.view()
    assert view is not None
    (shown,) = render(view)["pools"]
    assert (shown["name"], shown["state"], shown["mode"], shown["generation"]) == ("app", "live", "normal", 7)
    assert shown["since"] == 1_789_999_990.0
    assert [(s["server"], s["up"], s["in_service"], s["ramp_percent"]) for s in shown["servers"]] == [
        (ONE, True, True, 100),
        ("10.0.0.22:8080", True, True, 50),
        ("10.0.0.9:80", False, False, 100),
        ("b.example:80", None, False, 0),
    ]
    assert [s["age_seconds"] for s in shown["servers"]] == [0.1, 0.1, 0.1, None]


def test_gauges_say_what_the_snapshot_says(metrics: Metrics, status_store: StatusStore) -> None:
    status_store.pools = (pool(mode=Mode.FAIL_OPEN, state="failed"),)
    samples = scrape(metrics)
    assert value(samples, "pool_server_up", pool="app", server=ONE) == 1
    assert value(samples, "pool_server_up", pool="app", server="10.0.0.9:80") == 0
    assert value(samples, "pool_server_up", pool="app", server="b.example:80") is None
    assert value(samples, "pool_server_in_service", pool="app", server=ONE) == 1
    counts = [value(samples, "pool_servers", pool="app", state=word) for word in ("up", "down", "unknown")]
    assert counts == [2, 1, 1]
    assert value(samples, "pool_mode", pool="app", mode="fail_open") == 1
    assert value(samples, "pool_mode", pool="app", mode="normal") == 0
    assert value(samples, "pool_state", pool="app", state="failed") == 1
    assert value(samples, "pool_generation", pool="app") == 7


@pytest.mark.usefixtures("reporter")
def test_counters_exist_at_zero(metrics: Metrics) -> None:
    samples = scrape(metrics)
    for result in ReloadResult:
        assert value(samples, "pool_reloads_total", pool="app", result=result) == 0
    assert value(samples, "nginx_reloads_total", result="live") == 0
    assert value(samples, "pool_server_changes_total", pool="app", to="down") == 0
    assert value(samples, "pool_check_results_total", pool="app", result="timeout") == 0


def test_each_change_is_one_line_with_its_reason(
    reporter: PoolReporter, metrics: Metrics, lines: Lines
) -> None:
    reporter.note(
        1.0,
        [
            ServerProbed("app", ONE, CheckResult(Outcome.FAIL, "tcp: connection refused", 0.001)),
            ServerChanged("app", ONE, up=False, detail="tcp: connection refused"),
            ModeChanged("app", Mode.FAIL_OPEN, "no server passes: all of them get requests"),
            NameChanged("app", "a.example", (), "a.example does not resolve: timed out"),
            NameChanged("app", "a.example", ("10.0.0.9",), ""),
            Drifted("app", "the file is not the one that we wrote"),
            reloaded(ReloadResult.LIVE),
        ],
    )
    told = [(line["level"], line["event"]) for line in lines.seen if line["level"] != "debug"]
    assert told == [
        ("warning", "server_down"),
        ("error", "pool_mode"),
        ("warning", "name_unresolved"),
        ("info", "name_resolved"),
        ("warning", "pool_drift"),
        ("info", "pool_changed"),
    ]
    last = lines.seen[-1]
    assert (last["generation"], last["serving"], last["reason"], last["took_ms"]) == (8, [ONE], "why", 150)
    samples = scrape(metrics)
    assert value(samples, "pool_reloads_total", pool="app", result="live") == 1
    assert value(samples, "nginx_reloads_total", result="live") == 1
    assert value(samples, "pool_rollout_duration_seconds_count", pool="app") == 1
    assert value(samples, "errors_total", component="pools", reason="fail_open") == 1


def test_the_same_failure_is_a_line_a_minute_and_counted_every_time(
    reporter: PoolReporter, metrics: Metrics, lines: Lines
) -> None:
    for second in (0.0, 10.0, QUIET):
        reporter.note(second, [reloaded(ReloadResult.REFUSED, "unknown directive")])
    reporter.note(QUIET + 1, [reloaded(ReloadResult.REFUSED, "another one")])
    assert len([line for line in lines.seen if line["event"] == "pool_changed"]) == 3
    samples = scrape(metrics)
    assert value(samples, "pool_reloads_total", pool="app", result="refused") == 4
    assert value(samples, "errors_total", component="pools", reason="refused") == 4
    assert value(samples, "nginx_reloads_total", result="live") == 0


def test_a_host_that_is_cut_off_says_so_in_log_status_and_counter(
    reporter: PoolReporter, metrics: Metrics, lines: Lines, status_store: StatusStore
) -> None:
    assert value(scrape(metrics), "errors_total", component="pools", reason="cut_off") == 0
    reporter.note(1.0, [JudgingChanged("app", "eth0 has no carrier"), JudgingChanged("app", "")])
    assert [(line["level"], line.get("cut_off")) for line in lines.seen] == [
        ("warning", "eth0 has no carrier"),
        ("info", None),
    ]
    assert value(scrape(metrics), "errors_total", component="pools", reason="cut_off") == 1
    status_store.pools = (pool(cut_off="eth0 has no carrier"), pool())
    view = status_store.view()
    assert view is not None
    assert [shown["cut_off"] for shown in render(view)["pools"]] == ["eth0 has no carrier", None]
