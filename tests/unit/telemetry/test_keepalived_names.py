"""Names, labels, types and numbers of the common exporter for keepalived (mehdy/keepalived-exporter)."""

import subprocess
from ipaddress import IPv4Interface
from shutil import which

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from sidecar.channel.down import CounterTotal, Totals
from sidecar.core.state import State
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import Clock, router, snapshot
from tests.unit.telemetry.test_metrics import Samples, scrape

INSTANCE = {"iname": "web", "intf": "eth0", "vrid": "51"}
GAUGES = {
    "keepalived_up": set(),
    "keepalived_vrrp_state": {"iname", "intf", "vrid", "ip_address"},
    "keepalived_script_status": {"name"},
    "keepalived_script_state": {"name"},
    "keepalived_exporter_build_info": {"version", "revision"},
}
WITHOUT_SAMPLES = {"keepalived_vrrp_excluded_state", "keepalived_exporter_check_script_status"}
COUNTERS = {
    f"keepalived_{name}"
    for name in (
        "advertisements_sent",
        "advertisements_received",
        "become_master",
        "release_master",
        "packet_length_errors",
        "advertisements_interval_errors",
        "ip_ttl_errors",
        "invalid_type_received",
        "address_list_errors",
        "authentication_invalid",
        "authentication_mismatch",
        "authentication_failure",
        "priority_zero_sent",
        "priority_zero_received",
        "gratuitous_arp_delay",
    )
}


@pytest.fixture
def shown(metrics: Metrics) -> Metrics:
    metrics.show_keepalived_names(shown=True)
    return metrics


def counted(metrics: Metrics, name: str) -> float | None:
    return of(scrape(metrics), f"{name}_total", **INSTANCE)


def all_counted(metrics: Metrics) -> dict[str, float | None]:
    samples = scrape(metrics)
    return {each: of(samples, f"{each.removeprefix('keepalived_')}_total", **INSTANCE) for each in COUNTERS}


def of(samples: Samples, name: str, /, **labels: str) -> float | None:
    return samples.get((f"keepalived_{name}", frozenset(labels.items())))


def total(metrics: Metrics, name: str, *labels: str, number: int) -> None:
    metrics.take(Totals((CounterTotal(name, labels, number),)))


def test_they_are_off_by_default_and_can_be_turned_on_and_off(metrics: Metrics) -> None:
    assert b"keepalived_" not in metrics.expose()[1]
    for shown in (True, True, False, False):
        metrics.show_keepalived_names(shown)
        assert (b"keepalived_" in metrics.expose()[1]) is shown


def test_every_family_of_the_exporter_is_there_with_its_type_and_labels(shown: Metrics) -> None:
    families = {each.name: each for each in parse(shown.expose()[1].decode()) if "keepalived_" in each.name}
    assert families.keys() == GAUGES.keys() | WITHOUT_SAMPLES | COUNTERS
    for name, family in families.items():
        assert family.type == ("counter" if name in COUNTERS else "gauge")
        labels = INSTANCE.keys() if name in COUNTERS else GAUGES.get(name, set())
        assert all(each.labels.keys() == labels for each in family.samples), name
        assert bool(family.samples) is (name not in WITHOUT_SAMPLES), name


@pytest.mark.parametrize(
    ("state", "number"), [(State.INIT, 0), (State.BACKUP, 1), (State.MASTER, 2), (State.FAULT, 3)]
)
def test_a_state_has_the_number_that_keepalived_gives_it(
    shown: Metrics, status_store: StatusStore, state: State, number: int
) -> None:
    status_store.publish(snapshot(router(state=state)))
    assert of(scrape(shown), "vrrp_state", ip_address="10.77.0.100", **INSTANCE) == number


def test_each_address_has_a_state_and_is_written_as_keepalived_does(
    shown: Metrics, status_store: StatusStore
) -> None:
    vips = (IPv4Interface("10.77.0.100/32"), IPv4Interface("10.77.0.101/24"))
    status_store.publish(snapshot(router(vips=vips)))
    samples = scrape(shown)
    for address in ("10.77.0.100", "10.77.0.101/24"):
        assert of(samples, "vrrp_state", ip_address=address, **INSTANCE) == 2


def test_a_stuck_loop_is_down_and_has_no_state(shown: Metrics, clock: Clock) -> None:
    assert of(scrape(shown), "up") == 1
    clock.now += 5
    samples = scrape(shown)
    assert of(samples, "up") == 0
    assert of(samples, "vrrp_state", ip_address="10.77.0.100", **INSTANCE) is None


def test_advertisements_have_those_of_priority_0_among_them(shown: Metrics) -> None:
    total(shown, "vrrp_adverts_sent_total", "web", number=10)
    total(shown, "vrrp_priority_zero_sent_total", "web", number=2)
    total(shown, "vrrp_adverts_received_total", "web", number=5)
    total(shown, "vrrp_priority_zero_received_total", "web", number=1)
    assert counted(shown, "advertisements_sent") == 12
    assert counted(shown, "priority_zero_sent") == 2
    assert counted(shown, "advertisements_received") == 6
    assert counted(shown, "priority_zero_received") == 1


def test_moves_to_and_from_master_are_counted_whatever_their_cause(shown: Metrics) -> None:
    for old, new, reason, number in (
        ("BACKUP", "MASTER", "master_down_timer", 3),
        ("BACKUP", "MASTER", "priority_zero", 4),
        ("MASTER", "BACKUP", "higher_priority", 2),
        ("MASTER", "FAULT", "link", 1),
    ):
        total(shown, "vrrp_transitions_total", "web", old, new, reason, number=number)
    assert counted(shown, "become_master") == 7
    assert counted(shown, "release_master") == 3


@pytest.mark.parametrize(
    ("reasons", "name"),
    [
        (["length"], "packet_length_errors"),
        (["interval"], "advertisements_interval_errors"),
        (["ttl"], "ip_ttl_errors"),
        (["type"], "invalid_type_received"),
        (["addresses"], "address_list_errors"),
        (["auth_malformed"], "authentication_invalid"),
        (["auth_type", "auth_missing"], "authentication_mismatch"),
        (["auth_password", "auth_key", "auth_hmac", "auth_stale", "auth_replay"], "authentication_failure"),
    ],
)
def test_each_refused_packet_is_counted_under_one_name(shown: Metrics, reasons: list[str], name: str) -> None:
    before = all_counted(shown)
    assert set(before.values()) == {0}
    for reason in reasons:
        total(shown, "vrrp_adverts_dropped_total", "web", reason, number=2)
    after = all_counted(shown)
    assert {each for each in after if after[each]} == {f"keepalived_{name}"}
    assert after[f"keepalived_{name}"] == 2 * len(reasons)


def test_a_check_is_a_script_and_one_without_a_verdict_has_no_status(shown: Metrics) -> None:
    samples = scrape(shown)
    assert of(samples, "script_status", name="http") == 1
    assert of(samples, "script_status", name="gateway") == 0
    assert of(samples, "script_status", name="nginx") is None
    assert of(samples, "script_state", name="nginx") == 0


@pytest.mark.parts
def test_promtool_finds_nothing_to_complain_about(shown: Metrics) -> None:
    promtool = which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed; apt-get install prometheus enables this test")
    done = subprocess.run(
        [promtool, "check", "metrics"], input=shown.expose()[1], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
