"""What stands between an alert and the person on call: the files are valid, and the lab's pager prints it."""

import json
import re
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml

from tests.monitoring.compressed import ALERTMANAGER
from tests.monitoring.promtool import DASHBOARD, ROOT, promtool
from tests.monitoring.rules import alerts
from tests.unit.docs.pages import text_of

pytestmark = pytest.mark.parts
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def amtool(*words: str) -> str:
    program = which("amtool")
    if program is None:
        pytest.skip("amtool is not installed; apt-get install prometheus-alertmanager enables this test")
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_alertmanager_accepts_its_file_and_knows_where_each_alert_goes() -> None:
    amtool("check-config", str(ALERTMANAGER))
    for alert in alerts().values():
        labels = (f"alertname={alert.name}", f"severity={alert.severity}", "cluster=lab")
        routed = amtool("config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)
        assert routed.strip() == "pager"


def test_prometheus_accepts_its_file() -> None:
    done = promtool("check", "config", str(ROOT / "lab" / "prometheus" / "prometheus.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_about_alerts_has_the_inhibition_of_the_lab() -> None:
    (block,) = re.findall(r"```yml\n(inhibit_rules:.*?)```", text_of(Path("docs/alerts.md")), re.DOTALL)
    rules = yaml.safe_load(ALERTMANAGER.read_text(encoding="utf-8"))["inhibit_rules"]
    assert yaml.safe_load(block)["inhibit_rules"] == rules


def test_the_client_of_the_lab_says_where_pages_prometheus_and_grafana_are() -> None:
    services = COMPOSE["services"]
    said = " ".join(word for word in services["client"]["command"] if word.startswith("--note="))
    for name in ("pages", "prometheus", "grafana"):
        assert "browser" in services[name]["networks"]
        for published in services[name]["ports"]:
            assert f"http://{published.rpartition(':')[0]}" in said


def test_grafana_is_given_the_dashboard_and_a_prometheus_that_is_there() -> None:
    grafana = COMPOSE["services"]["grafana"]
    mounted = dict(volume.removesuffix(":ro").split(":", 1) for volume in grafana["volumes"])
    assert all((ROOT / folder).is_dir() for folder in mounted)
    home = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert Path(mounted["./monitoring/grafana"]) / DASHBOARD.name == home
    (provider,) = yaml.safe_load((ROOT / "lab/grafana/dashboards/vip-sidecar.yml").read_text())["providers"]
    assert provider["options"]["path"] == mounted["./monitoring/grafana"]
    (source,) = yaml.safe_load((ROOT / "lab/grafana/datasources/prometheus.yml").read_text())["datasources"]
    assert source["url"].removeprefix("http://").partition(":")[0] in COMPOSE["services"]


def test_the_pager_prints_what_is_wrong_what_to_type_and_what_to_read() -> None:
    labels = {"alertname": "VipNoHolder", "cluster": "lab", "severity": "critical"}
    notes = {
        "summary": "nobody has it",
        "command": "vip-sidecar status",
        "runbook_url": "docs/runbook.md#vipnoholder",
    }
    alert = {"status": "firing", "labels": labels, "annotations": notes}
    command = [sys.executable, str(ROOT / "lab" / "pager.py"), "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"waiting on port (\d+)", process.stdout.readline())
            assert found
            connection = HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
            said = []
            over = alert | {"status": "resolved"}
            bodies: tuple[object, ...] = ({"alerts": [alert, over]}, {"alerts": 7}, [])
            for body in bodies:
                connection.request("POST", "/", json.dumps(body))
                said.append(connection.getresponse().status)
                connection.close()
            lines = [process.stdout.readline().partition(" ")[2].strip() for _ in range(4)]
        finally:
            process.kill()
    assert said == [200, 400, 400]
    assert lines == [
        "PAGE critical VipNoHolder (lab): nobody has it",
        "type: vip-sidecar status",
        "read: docs/runbook.md#vipnoholder",
        "over: VipNoHolder (lab)",
    ]
