"""Metrics as they are scraped, and their reference.

Modules: telemetry.reference.
"""

import subprocess
from pathlib import Path
from shutil import which

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from sidecar import __version__
from sidecar.channel.down import CounterTotal, HistogramTotal, Totals
from sidecar.channel.tables import INTERARRIVAL, LATENESS
from sidecar.core.health.params import CheckParams
from sidecar.core.wire.advert import Drop
from sidecar.privileges import Privileges
from sidecar.telemetry.metric_table import METRICS, PREFIX
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.processes import ObserverFacts, Processes, RouterFacts
from sidecar.telemetry.reference import lines as reference
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import Clock, pool, router, snapshot

ROOT = Path(__file__).parents[3]

CONTRACT = [
    "build_info",
    "vrrp_info",
    "vrrp_state",
    "vrrp_transitions_total",
    "vrrp_last_transition_timestamp_seconds",
    "vrrp_priority_configured",
    "vrrp_priority_effective",
    "vrrp_adverts_sent_total",
    "vrrp_adverts_received_total",
    "vrrp_priority_zero_sent_total",
    "vrrp_priority_zero_received_total",
    "vrrp_adverts_dropped_total",
    "vrrp_masters_observed",
    "vrrp_advert_interarrival_seconds",
    "timer_lateness_seconds",
    "vip_desired",
    "vip_owned",
    "vip_external_changes_total",
    "announcements_sent_total",
    "takeover_duration_seconds",
    "check_up",
    "check_results_total",
    "check_duration_seconds",
    "config_last_reload_successful",
    "config_shared_hash",
    "maintenance",
    "docker_connected",
    "hook_runs_total",
    "log_dropped_total",
    "errors_total",
]

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(metrics: Metrics) -> Samples:
    """All samples but those of processes, which change by themselves (test_process_metrics.py)."""
    families = [each for each in parse(metrics.expose()[1].decode()) if not each.name.startswith("process_")]
    return {(s.name, frozenset(s.labels.items())): s.value for f in families for s in f.samples}


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((PREFIX + name, frozenset(labels.items())))


def test_every_name_users_rely_on_is_exposed_with_its_type(metrics: Metrics) -> None:
    text = metrics.expose()[1].decode()
    kinds = {metric.name: metric.kind for metric in METRICS}
    for name in CONTRACT:
        assert f"# TYPE {PREFIX}{name} {kinds[name]}\n" in text


def test_promtool_finds_nothing_to_complain_about(metrics: Metrics, status_store: StatusStore) -> None:
    status_store.pools = (pool(),)
    metrics.prepare_pools(["app"])
    promtool = which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed; apt-get install prometheus enables this test")
    result = subprocess.run(
        [promtool, "check", "metrics"], input=metrics.expose()[1], capture_output=True, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_openmetrics_is_served_on_request_and_parses(metrics: Metrics) -> None:
    content_type, body = metrics.expose("application/openmetrics-text; version=1.0.0; charset=utf-8")
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    names = {family.name for family in parse_openmetrics(body.decode())}  # type: ignore[no-untyped-call]
    assert f"{PREFIX}vrrp_transitions" in names
    assert metrics.expose("text/html")[0].startswith("text/plain")


def test_no_label_collides_with_what_prometheus_adds() -> None:
    labels = {label for metric in METRICS for label in metric.labels}
    assert not labels & {"instance", "job", "le", "quantile"}


def test_counters_exist_at_zero_before_the_first_event(metrics: Metrics) -> None:
    samples = scrape(metrics)
    for reason in Drop:
        assert value(samples, "vrrp_adverts_dropped_total", router="web", reason=reason) == 0
        assert value(samples, "vrrp_adverts_dropped_total", router="", reason=reason) == 0
    for result in ("pass", "fail", "timeout", "error", "unknown"):
        assert value(samples, "check_results_total", check="http", kind="http", result=result) == 0
    takeover = {"from_state": "BACKUP", "to_state": "MASTER", "reason": "master_down_timer"}
    assert value(samples, "vrrp_transitions_total", router="web", **takeover) == 0
    assert value(samples, "announcements_sent_total", router="web", protocol="arp") == 0
    assert value(samples, "takeover_duration_seconds_count", router="web", phase="total") == 0
    assert value(samples, "vrrp_adverts_sent_total", router="web") == 0


def test_no_created_series_double_the_output(metrics: Metrics) -> None:
    assert "_created" not in metrics.expose()[1].decode()


def test_gauges_say_what_the_snapshot_says(metrics: Metrics) -> None:
    samples = scrape(metrics)
    assert value(samples, "build_info", version=__version__, revision="abc123") == 1
    facts = {"interface": "eth0", "vrid": "51", "family": "ipv4", "version": "3", "mode": "multicast"}
    assert value(samples, "vrrp_info", router="web", **facts) == 1
    states = {
        state: value(samples, "vrrp_state", router="web", state=state) for state in ("MASTER", "BACKUP")
    }
    assert states == {"MASTER": 1, "BACKUP": 0}
    assert value(samples, "vrrp_last_transition_timestamp_seconds", router="web") == 1_789_999_940
    assert value(samples, "vrrp_priority_configured", router="web") == 250
    assert value(samples, "vrrp_priority_effective", router="web") == 230
    assert value(samples, "vip_owned", router="web", vip="10.77.0.100/32") == 1
    assert value(samples, "check_up", check="http", kind="http") == 1
    assert value(samples, "check_up", check="gateway", kind="icmp") == 0
    assert value(samples, "check_up", check="nginx", kind="container") is None
    assert value(samples, "config_shared_hash") == 4711
    assert value(samples, "docker_connected") == 1
    assert value(samples, "log_dropped_total") == 7


def test_a_stuck_loop_claims_no_state_and_no_vip(metrics: Metrics, clock: Clock) -> None:
    clock.now += 1.5
    samples = scrape(metrics)
    for state in ("MASTER", "BACKUP", "FAULT", "INIT"):
        assert value(samples, "vrrp_state", router="web", state=state) == 0
    assert value(samples, "vip_owned", router="web", vip="10.77.0.100/32") == 0
    assert value(samples, "vip_desired", router="web", vip="10.77.0.100/32") == 1
    assert value(samples, "loop_beat_age_seconds") == 1.5


def test_the_master_is_shown_with_its_priority_and_age_as_long_as_one_is_known(
    metrics: Metrics, status_store: StatusStore
) -> None:
    samples = scrape(metrics)
    assert value(samples, "vrrp_master_priority", router="web") == 230
    assert value(samples, "vrrp_master_last_advert_age_seconds", router="web") == 0.25
    assert value(samples, "vrrp_master_down_interval_seconds", router="web") == 3.0234375
    status_store.publish(snapshot(router(master=None)))
    samples = scrape(metrics)
    assert value(samples, "vrrp_master_priority", router="web") is None
    assert value(samples, "vrrp_master_last_advert_age_seconds", router="web") is None
    assert value(samples, "vrrp_master_down_interval_seconds", router="web") == 3.0234375


def test_without_docker_there_is_no_docker_gauge(metrics: Metrics, status_store: StatusStore) -> None:
    status_store.docker_connected = None
    assert value(scrape(metrics), "docker_connected") is None


def test_new_parameters_add_label_sets_and_keep_the_numbers(metrics: Metrics) -> None:
    metrics.take(Totals((CounterTotal("vrrp_adverts_sent_total", ("web",), 3),)))
    metrics.prepare(("web",), [CheckParams("tcp", "tcp")])
    samples = scrape(metrics)
    assert value(samples, "vrrp_adverts_sent_total", router="web") == 3
    assert value(samples, "check_results_total", check="tcp", kind="tcp", result="fail") == 0


def test_what_the_router_counts_is_shown_as_its_totals(metrics: Metrics) -> None:
    """Each total replaces the one before it, so that a message that was lost is made good by the next."""
    for value_, buckets in ((3, (1, 0)), (5, (1, 2))):
        filled = buckets + (0,) * (len(LATENESS) - 2) + (1,)
        metrics.take(
            Totals(
                (CounterTotal("errors_total", ("vrrp", "listen"), value_),),
                (HistogramTotal("timer_lateness_seconds", ("advert",), filled, 2.5),),
            )
        )
    metrics.error("vrrp", "listen")
    samples = scrape(metrics)
    assert value(samples, "errors_total", component="vrrp", reason="listen") == 6
    lateness = "timer_lateness_seconds"
    assert value(samples, f"{lateness}_bucket", timer="advert", le="0.0001") == 1
    assert value(samples, f"{lateness}_bucket", timer="advert", le="0.0002") == 3
    assert value(samples, f"{lateness}_bucket", timer="advert", le="1.0") == 3
    assert value(samples, f"{lateness}_bucket", timer="advert", le="+Inf") == 4
    assert value(samples, f"{lateness}_count", timer="advert") == 4
    assert value(samples, f"{lateness}_sum", timer="advert") == 2.5


def test_what_became_of_observers_and_of_messages_is_counted(
    metrics: Metrics, status_store: StatusStore
) -> None:
    own = Privileges(0, 0, 0, 0, 0, 0, 0, no_new_privileges=True)
    status_store.processes = Processes(
        ObserverFacts(2, own, 4), RouterFacts(1, 0, 0x3000, 0x3000, 0x3000, 5, 6)
    )
    samples = scrape(metrics)
    assert value(samples, "observer_restarts_total") == 4
    assert value(samples, "channel_lines_lost_total") == 5
    assert value(samples, "channel_malformed_total") == 6


def test_the_committed_reference_is_current() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text().splitlines() == list(reference())


def test_the_end_of_a_certificate_is_a_gauge_where_there_is_one(metrics: Metrics) -> None:
    text = metrics.expose()[1].decode()
    name = "vipsidecar_check_certificate_expiry_timestamp_seconds"
    assert [line for line in text.splitlines() if line.startswith(name)] == [
        f'{name}{{check="http"}} 1.8e+09'
    ]


def of(samples: Samples, label: str, name: str) -> Samples:
    return {key: number for key, number in samples.items() if (label, name) in key[1]}


def of_routers(number: int, *routers: str) -> Totals:
    buckets = (number, *(0,) * len(INTERARRIVAL))
    return Totals(
        tuple(CounterTotal("vrrp_adverts_sent_total", (name,), number) for name in routers),
        tuple(HistogramTotal("vrrp_advert_interarrival_seconds", (name,), buckets, 1.0) for name in routers),
    )


def test_series_of_what_is_gone_disappear_and_those_of_what_stays_go_on(status_store: StatusStore) -> None:
    routers, checks = ("web", "api"), (CheckParams("one", "http"), CheckParams("two", "container"))
    metrics = Metrics(routers, checks, status_store)
    metrics.prepare_pools(["app", "b"])
    metrics.take(of_routers(1, *routers))
    metrics.count("check_results_total", "one", "http", "pass")
    before = scrape(metrics)
    assert of(before, "router", "api")
    metrics.exchange("router", ["web"])
    metrics.exchange("check", ["one"])
    metrics.exchange("pool", ["app"])
    # What was under way is told late, and makes nothing come back.
    metrics.take(of_routers(2, "api"))
    metrics.observe("check_duration_seconds", "two", "container", seconds=1)
    metrics.prepare(routers, checks)
    after = scrape(metrics)
    gone = {**of(before, "router", "api"), **of(before, "check", "two"), **of(before, "pool", "b")}
    assert after == {key: number for key, number in before.items() if key not in gone}


def test_series_of_what_is_new_are_there_at_zero_also_the_second_time(status_store: StatusStore) -> None:
    one, other = [CheckParams("c", "http")], [CheckParams("c", "tcp")]
    metrics = Metrics((), one, status_store)
    metrics.count("check_results_total", "c", "http", "pass", amount=5)
    # Of another kind: gone, and new afterwards.
    metrics.exchange("check", [])
    metrics.exchange("check", ["c"])
    metrics.prepare((), other)
    samples = scrape(metrics)
    assert value(samples, "check_results_total", check="c", kind="tcp", result="pass") == 0
    assert {dict(labels)["kind"] for name, labels in of(samples, "check", "c") if "kind" in dict(labels)} == {
        "tcp"
    }
    assert not [name for name, _ in of(samples, "check", "c") if "phase" in name]
    metrics.exchange("check", [])
    metrics.exchange("check", ["c"])
    metrics.prepare((), one)
    assert value(scrape(metrics), "check_results_total", check="c", kind="http", result="pass") == 0


def test_200_exchanges_leave_no_series_behind(status_store: StatusStore) -> None:
    checks = [CheckParams("http", "http")]
    metrics = Metrics(("web",), checks, status_store)
    before = scrape(metrics)
    for index in range(200):
        name = f"c{index}"
        metrics.exchange("check", ["http", name])
        metrics.prepare(("web",), [*checks, CheckParams(name, "http")])
        metrics.count("check_results_total", name, "http", "fail")
        metrics.exchange("check", ["http"])
    assert scrape(metrics) == before
