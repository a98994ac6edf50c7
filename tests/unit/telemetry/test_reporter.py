from ipaddress import IPv4Address

import pytest

from sidecar.core.actions import (
    AdvertAccepted,
    Announce,
    CheckChanged,
    CheckFinished,
    PacketDropped,
    SendAdvert,
    TakeoverTimed,
    TimerFired,
    Transition,
    VipChanged,
    Warned,
)
from sidecar.core.events import CheckResult, Measured, Outcome
from sidecar.core.state import Reason, State
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.reporter import Reporter
from tests.unit.telemetry.handmade import VIP, Lines

PEER = IPv4Address("10.77.0.12")


@pytest.fixture
def reporter(metrics: Metrics, lines: Lines) -> Reporter:
    return Reporter(metrics, lines.log)


def exposed(metrics: Metrics) -> set[str]:
    return set(metrics.expose()[1].decode().splitlines())


def test_a_transition_is_one_line_and_one_count(reporter: Reporter, metrics: Metrics, lines: Lines) -> None:
    sentence = "no advertisement of 10.77.0.12 for 3.06 s"
    reporter.note(1.0, [Transition("web", State.BACKUP, State.MASTER, Reason.MASTER_DOWN, sentence)])
    assert lines.seen == [
        {
            "level": "info",
            "event": "transition",
            "router": "web",
            "from": "BACKUP",
            "to": "MASTER",
            "reason": "master_down_timer",
            "detail": sentence,
        }
    ]
    counted = 'vipsidecar_vrrp_transitions_total{from_state="BACKUP",reason="master_down_timer",router="web",'
    assert counted + 'to_state="MASTER"} 1.0' in exposed(metrics)


def test_a_fault_is_a_warning(reporter: Reporter, lines: Lines) -> None:
    reporter.note(1.0, [Transition("web", State.MASTER, State.FAULT, Reason.LINK, "interface eth0 is down")])
    assert lines.seen[0]["level"] == "warning"


def test_traffic_is_counted_and_never_logged_above_debug(
    reporter: Reporter, metrics: Metrics, lines: Lines
) -> None:
    reporter.note(
        1.0,
        [
            AdvertAccepted("web", PEER, 240, gap=None),
            AdvertAccepted("web", PEER, 240, gap=1.0),
            AdvertAccepted("web", PEER, 0, gap=0.3),
            PacketDropped("web", "eth0", PEER, "ttl"),
            PacketDropped(None, "eth0", PEER, "vrid"),
            PacketDropped(None, "eth0", None, "flood", 40_000),
            CheckFinished("http", "http", CheckResult(Outcome.PASS, "200 in 3 ms", 0.003)),
            CheckFinished("http", "http", CheckResult(Outcome.FAIL, "the process is dead", 0.0)),
            TimerFired("web", "advert", 0.0004),
            TakeoverTimed("web", "total", 0.012),
        ],
    )
    assert {line["level"] for line in lines.seen} == {"debug"}
    assert exposed(metrics) >= {
        'vipsidecar_vrrp_adverts_received_total{router="web"} 2.0',
        'vipsidecar_vrrp_priority_zero_received_total{router="web"} 1.0',
        'vipsidecar_vrrp_advert_interarrival_seconds_count{router="web"} 2.0',
        'vipsidecar_vrrp_adverts_dropped_total{reason="ttl",router="web"} 1.0',
        'vipsidecar_vrrp_adverts_dropped_total{reason="vrid",router=""} 1.0',
        'vipsidecar_vrrp_adverts_dropped_total{reason="flood",router=""} 40000.0',
        'vipsidecar_check_results_total{check="http",kind="http",result="pass"} 1.0',
        'vipsidecar_check_results_total{check="http",kind="http",result="fail"} 1.0',
        'vipsidecar_check_duration_seconds_count{check="http",kind="http"} 1.0',
        'vipsidecar_timer_lateness_seconds_bucket{le="0.0005",timer="advert"} 1.0',
        'vipsidecar_takeover_duration_seconds_bucket{le="0.02",phase="total",router="web"} 1.0',
    }


def test_commands_count_when_they_were_performed_and_not_before(reporter: Reporter, metrics: Metrics) -> None:
    packets = ((PEER, b""), (IPv4Address("10.77.0.13"), b""))
    advert = SendAdvert("web", "eth0", IPv4Address("10.77.0.11"), packets, 250, 2.0)
    farewell = SendAdvert("web", "eth0", IPv4Address("10.77.0.11"), packets[:1], 0, 2.0)
    announce = Announce("web", "eth0", (b"request", b"reply"), 2.0)
    reporter.note(1.0, [advert, farewell, announce])
    assert 'vipsidecar_vrrp_adverts_sent_total{router="web"} 0.0' in exposed(metrics)
    for command in (advert, farewell, announce):
        reporter.performed(command)
    assert exposed(metrics) >= {
        'vipsidecar_vrrp_adverts_sent_total{router="web"} 2.0',
        'vipsidecar_vrrp_priority_zero_sent_total{router="web"} 1.0',
        'vipsidecar_announcements_sent_total{protocol="arp",router="web"} 2.0',
    }


def test_verdicts_and_foreign_hands_are_logged(reporter: Reporter, metrics: Metrics, lines: Lines) -> None:
    reporter.note(
        1.0,
        [
            CheckChanged("http", "http", up=False, detail="connection refused"),
            CheckChanged("http", "http", up=True, detail="200 in 3 ms"),
            VipChanged("web", "removed", (VIP,)),
        ],
    )
    assert [(line["event"], line["level"]) for line in lines.seen] == [
        ("check", "warning"),
        ("check", "info"),
        ("vip", "warning"),
    ]
    assert 'vipsidecar_vip_external_changes_total{change="removed",router="web"} 1.0' in exposed(metrics)


def test_the_same_trouble_is_logged_once_in_ten_seconds_and_counted_always(
    reporter: Reporter, metrics: Metrics, lines: Lines
) -> None:
    trouble = Warned("web", "net", "send", "network is down")
    for tenth in range(101):
        reporter.note(tenth / 10, [trouble])
    reporter.note(10.0, [Warned("db", "net", "send", "network is down")])
    assert [(line["router"], line.get("suppressed")) for line in lines.seen] == [
        ("web", None),
        ("web", 99),
        ("db", None),
    ]
    assert 'vipsidecar_errors_total{component="net",reason="send"} 102.0' in exposed(metrics)


def test_serving_although_unfit_is_as_loud_as_an_error(reporter: Reporter, lines: Lines) -> None:
    reporter.note(1.0, [Warned("web", "node", "fail_open", "serving although unfit: nobody else does")])
    assert lines.seen[0]["level"] == "error"


def finished(check: str, *, warning: str = "", kind: str = "http") -> CheckFinished:
    measured = Measured((("connect", 0.002), ("first_byte", 0.03)), 1_800_000_000.0, warning)
    return CheckFinished(check, kind, CheckResult(Outcome.PASS, "200", 0.04, measured=measured))


def test_a_certificate_that_ends_soon_is_a_line_and_a_count_for_each_check_once_a_day(
    reporter: Reporter, metrics: Metrics, lines: Lines
) -> None:
    soon = "the certificate expires in 3 days"
    for now in (1.0, 2.0, 86400.0, 86401.5):
        reporter.note(now, [finished("http", warning=soon), finished("other", warning=soon)])
    warnings = [line["detail"] for line in lines.seen if line["event"] == "warning"]
    assert warnings == [f"check http: {soon}", f"check other: {soon}"] * 2
    assert 'vipsidecar_errors_total{component="checks",reason="certificate"} 4.0' in exposed(metrics)


def test_phases_are_a_histogram_of_http_checks(reporter: Reporter, metrics: Metrics) -> None:
    reporter.note(1.0, [finished("http"), finished("stub", kind="nginx")])
    seen = exposed(metrics)
    assert 'vipsidecar_check_phase_duration_seconds_count{check="http",phase="first_byte"} 1.0' in seen
    assert 'vipsidecar_check_phase_duration_seconds_count{check="http",phase="tls"} 0.0' in seen
    assert not [line for line in seen if "phase_duration" in line and "stub" in line]
