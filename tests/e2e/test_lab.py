"""The lab as a user meets it: it serves, it is healthy, it is observed, and it holds few rights."""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.compose_lab import ADDRESSES, PORT, SERVING_WITHIN, VIP, ComposeLab, inspect, run
from tests.e2e.sidecar_alone import OTHER_USER
from tests.netns.bounds import SLOWER
from tests.netns.processes import observer
from tests.netns.vrrp_daemon import OBSERVED

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

PAGES = "10.77.0.31"
NET_ADMIN_AND_NET_RAW = 1 << 12 | 1 << 13


def eventually(read: Callable[[], object], wanted: object, within: float) -> None:
    """Wait until `read` returns what is wanted; AssertionError with the last value.

    `within`: seconds on a quiet machine.
    """
    deadline = time.monotonic() + SLOWER * within
    while (seen := read()) != wanted:
        assert time.monotonic() < deadline, f"still {seen!r}, wanted {wanted!r}"
        time.sleep(0.2)


def get(lab: ComposeLab, url: str) -> tuple[int, str]:
    """Status and body as the client's host gets them."""
    argv = [*lab.inside(lab.client_container), "curl", "-sS", "--max-time", "10", "-w", "\n%{http_code}", url]
    body, _, status = run(*argv).stdout.rpartition("\n")
    return int(status), body


def status(lab: ComposeLab, host: str) -> dict[str, Any]:
    """The status of a host. An observer that has not heard of its router yet is waited for."""
    deadline = time.monotonic() + OBSERVED
    while (answer := get(lab, f"http://{ADDRESSES[host]}:9650/status.json"))[0] != 200:
        assert time.monotonic() < deadline, answer
        time.sleep(0.2)
    document = json.loads(answer[1])
    assert isinstance(document, dict)
    return document


def test_it_serves_within_a_minute_from_the_preferred_host(lab: ComposeLab) -> None:
    assert lab.serving_after <= SERVING_WITHIN
    code, body = get(lab, f"http://{VIP}:{PORT}/")
    assert (code, "host-a" in body) == (200, True)


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize("name", ["sidecar-a", "sidecar-b", "nginx-a", "nginx-b"])
def test_it_becomes_healthy(name: str) -> None:
    eventually(lambda: inspect(name, "{{.State.Health.Status}}"), "healthy", 30)


def checks(lab: ComposeLab, host: str) -> dict[str, bool | None]:
    return {check["name"]: check["up"] for check in status(lab, host)["checks"]}


def test_status_says_who_holds_the_vip_and_why(lab: ComposeLab) -> None:
    for host in ADDRESSES:
        eventually(partial(checks, lab, host), {"nginx": True, "http": True, "cable": True}, 10)
    ours, theirs = status(lab, "a"), status(lab, "b")
    assert (ours["node"], theirs["node"]) == ("host-a", "host-b")
    for document, state, owned in ((ours, "MASTER", True), (theirs, "BACKUP", False)):
        (router,) = document["virtual_routers"]
        assert (router["name"], router["state"]) == ("web", state)
        (vip,) = router["addresses"]
        assert (vip["address"], vip["desired"], vip["owned"]) == (f"{VIP}/32", owned, owned)
        assert router["reason"]


def queried(lab: ComposeLab, expression: str, label: str) -> dict[str, str] | None:
    """What Prometheus answers, by a label of the series; None: it does not answer yet."""
    argv = ["promtool", "query", "instant", "--format", "json", "http://127.0.0.1:9090", expression]
    answer = lab.compose("exec", "-T", "prometheus", *argv, ok=False)
    if answer.returncode != 0:
        return None
    return {each["metric"][label]: each["value"][1] for each in json.loads(answer.stdout)}


def test_prometheus_scrapes_both_and_sees_one_master(lab: ComposeLab) -> None:
    def query(expression: str) -> dict[str, str] | None:
        return queried(lab, expression, "host")

    eventually(lambda: query("up"), {"host-a": "1", "host-b": "1"}, 30)
    eventually(
        lambda: query('vipsidecar_vrrp_state{router="web",state="MASTER"}'),
        {"host-a": "1", "host-b": "0"},
        30,
    )
    eventually(lambda: query("vipsidecar_vip_owned"), {"host-a": "1", "host-b": "0"}, 30)


def test_prometheus_has_loaded_the_rules_and_no_alert_fires_while_all_is_well(lab: ComposeLab) -> None:
    both = "vipsidecar:holders:sum + on (cluster, router) vipsidecar:standby_ready:sum"
    eventually(lambda: queried(lab, both, "cluster"), {"lab": "2"}, 60)
    eventually(lambda: queried(lab, 'ALERTS{alertstate="firing"}', "alertname"), {}, 60)


def test_what_alertmanager_sends_is_printed(lab: ComposeLab) -> None:
    """The way from Prometheus to Alertmanager is in tests/monitoring/test_hour.py."""
    alert = ["alertname=VipNoHolder", "cluster=elsewhere", "severity=critical"]
    notes = [
        "--annotation=summary=the VIP is on no host",
        "--annotation=runbook_url=docs/runbook.md#vipnoholder",
    ]
    amtool = ["amtool", "--alertmanager.url=http://127.0.0.1:9093"]
    eventually(
        lambda: (
            lab.compose(
                "exec", "-T", "alertmanager", *amtool, "alert", "add", *alert, *notes, ok=False
            ).returncode
        ),
        0,
        60,
    )

    def printed() -> bool:
        said = lab.compose("logs", "--no-log-prefix", "pager").stdout
        return (
            "PAGE critical VipNoHolder (elsewhere): the VIP is on no host" in said and "#vipnoholder" in said
        )

    eventually(printed, True, 60)


def test_fleet_reads_both_hosts_and_judges_them_together(lab: ComposeLab, tmp_path: Path) -> None:
    targets = tmp_path / "targets.json"
    hosts = [f"{address}:9650" for address in ADDRESSES.values()]
    targets.write_text(json.dumps([{"targets": hosts, "labels": {"cluster": "lab"}}]), encoding="utf-8")
    argv = [sys.executable, "-m", "sidecar", "fleet", "-f", str(targets), "-o", "json"]

    def told() -> list[tuple[str, list[str]]]:
        answer = run(*lab.inside(lab.client_container), *argv, ok=False).stdout
        return [(each["verdict"].replace("MOVED", "OK"), each["hosts"]) for each in json.loads(answer)]

    eventually(told, [("OK", ["host-a", "host-b"])], 60)


@pytest.mark.parametrize(("port", "host"), [(9651, "a"), (9652, "b")])
def test_the_page_of_each_host_is_where_the_client_says(lab: ComposeLab, port: int, host: str) -> None:
    """A browser asks through network `browser`, which is not here: this asks the same server in the lab's."""
    code, page = get(lab, f"http://{PAGES}:{port}/status")
    assert code == 200
    assert f"<bdi>host-{host}</bdi>" in page
    said = lab.compose("logs", "--no-log-prefix", "client").stdout
    assert f"host-{host} {'is ' if host == 'a' else ''}http://127.0.0.1:{port}/status" in said


def test_metrics_pass_the_linter(lab: ComposeLab) -> None:
    code, body = get(lab, f"http://{ADDRESSES['a']}:9650/metrics")
    assert code == 200
    lab.compose("exec", "-T", "prometheus", "sh", "-c", f"promtool check metrics <<'END'\n{body}\nEND")


def test_the_sidecar_holds_two_capabilities_and_cannot_write_its_root(lab: ComposeLab) -> None:
    own = lab.compose("exec", "-T", "sidecar-a", "cat", "/proc/1/status").stdout
    fields = dict(line.split(":\t", 1) for line in own.splitlines() if ":\t" in line)
    assert int(fields["CapEff"], 16) == NET_ADMIN_AND_NET_RAW
    assert int(fields["CapBnd"], 16) == NET_ADMIN_AND_NET_RAW
    assert fields["NoNewPrivs"].strip() == "1"
    assert lab.compose("exec", "-T", "sidecar-a", "touch", "/opt/x", ok=False).returncode != 0


@pytest.mark.parametrize("host", ["a", "b"])
def test_the_observer_is_another_user_without_any_right(lab: ComposeLab, host: str) -> None:
    """Checks of containers, pools and the control socket work all the same: see the others here."""
    pid = observer(int(inspect(f"sidecar-{host}", "{{.State.Pid}}")))
    assert pid is not None
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    assert fields["Uid"] == fields["Gid"] == [str(OTHER_USER)] * 4
    assert {fields[name][0] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    said = status(lab, host)
    assert said["processes"]["observer"]["apart"] is True
    assert said["docker_connected"] is True


@pytest.mark.parametrize("host", ["a", "b"])
def test_the_signal_and_the_verb_read_the_file_again_and_the_same_one_changes_nothing(
    lab: ComposeLab, host: str
) -> None:
    def standing() -> tuple[object, ...]:
        (router,) = status(lab, host)["virtual_routers"]
        return router["state"], router["since"], router["reason"]

    name, before = f"sidecar-{host}", standing()

    def told() -> bool:
        lines = lab.compose("logs", "--no-log-prefix", name).stdout.splitlines()
        return any('"reload"' in line and '"unchanged"' in line for line in lines)

    lab.compose("kill", "--signal", "HUP", name)
    eventually(told, True, 20)
    said = lab.compose("exec", "-T", name, "vip-sidecar", "reload", "--dry-run", "-o", "json").stdout
    document = json.loads(said)
    assert (document["result"], document["changes"]) == ("unchanged", [])
    assert "PRIORITY" in document["environment"]
    assert standing() == before


def test_nginx_holds_no_capability_and_tells_its_figures_only_to_its_own_host(lab: ComposeLab) -> None:
    own = lab.compose("exec", "-T", "nginx-a", "cat", "/proc/1/status").stdout
    fields = dict(line.split(":\t", 1) for line in own.splitlines() if ":\t" in line)
    assert int(fields["CapEff"], 16) == 0
    assert fields["Uid"].split()[0] != "0"
    assert get(lab, f"http://{ADDRESSES['a']}:{PORT}/stub_status")[0] == 403
    figures = run(*lab.inside("host-a"), "curl", "-fsS", f"http://127.0.0.1:{PORT}/stub_status").stdout
    assert "Active connections" in figures


def test_nginx_logs_every_request_to_stdout(lab: ComposeLab) -> None:
    get(lab, f"http://{ADDRESSES['a']}:{PORT}/a-page-that-is-not-there")
    eventually(
        lambda: "a-page-that-is-not-there" in lab.compose("logs", "--tail", "20000", "nginx-a").stdout,
        True,
        5,
    )


def test_the_client_prints_who_answers_and_the_longest_gap(lab: ComposeLab) -> None:
    text = lab.compose("logs", "--no-log-prefix", "client").stdout
    assert 0 < text.index("nobody answers yet") < text.index("host-a answers")
    assert "longest gap so far" in text
