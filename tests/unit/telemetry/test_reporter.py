"""A report of the router is a line; an event of this process is a line and a count."""

from ipaddress import IPv4Address

import pytest

from sidecar.core.actions import Resigned, Transition, VipChanged, Warned
from sidecar.core.health.reports import CheckChanged, CheckFinished
from sidecar.core.health.result import CheckResult, Measured, Outcome
from sidecar.core.state import Reason, State
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.reporter import Reporter, Told
from tests.fuzz.channel_decoders import REPORTS
from tests.unit.telemetry.handmade import VIP, Lines


@pytest.fixture
def reporter(metrics: Metrics, lines: Lines) -> Reporter:
    return Reporter(metrics, lines.log)


def exposed(metrics: Metrics) -> set[str]:
    """Return what is exposed of this sidecar. The figures of the process change between two calls."""
    lines = metrics.expose()[1].decode().splitlines()
    return {line for line in lines if not line.startswith("process_")}


def test_a_transition_is_one_line_and_the_router_has_counted_it(
    reporter: Reporter, metrics: Metrics, lines: Lines
) -> None:
    before = exposed(metrics)
    sentence = "no advertisement of 10.77.0.12 for 3.06 s"
    reporter.told(Transition("web", State.BACKUP, State.MASTER, Reason.MASTER_DOWN, sentence, 0.0625))
    assert lines.seen == [
        {
            "level": "info",
            "event": "transition",
            "router": "web",
            "from": "BACKUP",
            "to": "MASTER",
            "reason": "master_down_timer",
            "detail": sentence,
            "took_ms": 62.5,
        }
    ]
    assert exposed(metrics) == before


def test_a_fault_is_a_warning(reporter: Reporter, lines: Lines) -> None:
    reporter.told(Transition("web", State.MASTER, State.FAULT, Reason.LINK, "interface eth0 is down"))
    assert lines.seen[0]["level"] == "warning"


def test_everything_that_the_router_tells_is_one_line(reporter: Reporter, lines: Lines) -> None:
    told: tuple[Told, ...] = REPORTS
    for number, report in enumerate(told, start=1):
        reporter.told(report)
        assert len(lines.seen) == number


def test_verdicts_and_foreign_hands_are_logged(reporter: Reporter, lines: Lines) -> None:
    for report in (
        CheckChanged("http", "http", up=False, detail="connection refused"),
        CheckChanged("http", "http", up=True, detail="200 in 3 ms"),
        VipChanged("web", "removed", (VIP,)),
        Resigned("web", "a VIP was left over"),
    ):
        reporter.told(report)
    assert [(line["event"], line["level"]) for line in lines.seen] == [
        ("check_down", "warning"),
        ("check_up", "info"),
        ("vip_removed", "warning"),
        ("resigned", "info"),
    ]


def test_how_many_of_a_kind_had_no_line_is_told_with_the_next(reporter: Reporter, lines: Lines) -> None:
    trouble = Warned("web", "net", "send", "network is down", IPv4Address("10.77.0.12"))
    reporter.told(trouble)
    reporter.told(trouble, suppressed=99)
    assert [(line["source"], line.get("suppressed")) for line in lines.seen] == [
        ("10.77.0.12", None),
        ("10.77.0.12", 99),
    ]


def test_trouble_here_is_logged_once_in_ten_seconds_and_counted_always(
    reporter: Reporter, metrics: Metrics, lines: Lines
) -> None:
    for tenth in range(101):
        reporter.trouble("http", "accept", "too many open files", tenth / 10)
    assert [line.get("suppressed") for line in lines.seen] == [None, 99]
    assert 'vipsidecar_errors_total{component="http",reason="accept"} 101.0' in exposed(metrics)


def test_serving_although_unfit_is_as_loud_as_an_error(reporter: Reporter, lines: Lines) -> None:
    reporter.told(Warned("web", "node", "fail_open", "serving although unfit: nobody else does"))
    assert lines.seen[0]["level"] == "error"


def test_runs_of_checks_are_counted_and_never_logged_above_debug(
    reporter: Reporter, metrics: Metrics, lines: Lines
) -> None:
    reporter.finished(CheckFinished("http", "http", CheckResult(Outcome.PASS, "200 in 3 ms", 0.003)), 1.0)
    reporter.finished(CheckFinished("http", "http", CheckResult(Outcome.FAIL, "the process is dead")), 1.0)
    assert {line["level"] for line in lines.seen} == {"debug"}
    assert exposed(metrics) >= {
        'vipsidecar_check_results_total{check="http",kind="http",result="pass"} 1.0',
        'vipsidecar_check_results_total{check="http",kind="http",result="fail"} 1.0',
        'vipsidecar_check_duration_seconds_count{check="http",kind="http"} 1.0',
    }


def finished(check: str, *, warning: str = "", kind: str = "http") -> CheckFinished:
    measured = Measured((("connect", 0.002), ("first_byte", 0.03)), 1_800_000_000.0, warning)
    return CheckFinished(check, kind, CheckResult(Outcome.PASS, "200", 0.04, measured=measured))


def test_a_certificate_that_ends_soon_is_a_line_and_a_count_for_each_check_once_a_day(
    reporter: Reporter, metrics: Metrics, lines: Lines
) -> None:
    soon = "the certificate expires in 3 days"
    for now in (1.0, 2.0, 86400.0, 86401.5):
        for check in ("http", "other"):
            reporter.finished(finished(check, warning=soon), now)
    warnings = [line["detail"] for line in lines.seen if line["event"] == "checks_certificate"]
    assert warnings == [f"check http: {soon}", f"check other: {soon}"] * 2
    assert 'vipsidecar_errors_total{component="checks",reason="certificate"} 4.0' in exposed(metrics)


def test_phases_are_a_histogram_of_http_checks(reporter: Reporter, metrics: Metrics) -> None:
    reporter.finished(finished("http"), 1.0)
    reporter.finished(finished("stub", kind="nginx"), 1.0)
    seen = exposed(metrics)
    assert 'vipsidecar_check_phase_duration_seconds_count{check="http",phase="first_byte"} 1.0' in seen
    assert 'vipsidecar_check_phase_duration_seconds_count{check="http",phase="tls"} 0.0' in seen
    assert not [line for line in seen if "phase_duration" in line and "stub" in line]
