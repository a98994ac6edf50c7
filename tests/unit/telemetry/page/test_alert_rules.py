"""The page names alerts as monitoring/rules does, and finds each of them.

Modules: telemetry.page.alerts.
"""

from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.alert_rules import RULES
from sidecar.telemetry.page.alerts import alerts
from tests.unit.cli.handmade import status

ROOT = Path(__file__).parents[4]
SECONDS = {"s": 1, "m": 60, "h": 3600}
AT = 1_790_000_000.0
NODE = {
    "url": "http://10.77.0.12:9650",
    "node": "b",
    "version": "1.0.0",
    "config_hash": "9f3a",
    "same_config": True,
    "age_seconds": 1.0,
    "fault": None,
    "virtual_routers": [],
}
POOL = {"name": "app", "mode": "normal", "state": "live", "since": AT - 100, "detail": "", "cut_off": None}


def server(up: bool, since: float = AT - 90) -> dict[str, Any]:
    return {"server": "10.0.0.21:80", "up": up, "since": since}


def shown(document: Status) -> list[tuple[str, ...]]:
    return [row.cells for row in alerts(document).rows]


def case(**changes: Any) -> Status:
    router = {"mismatches": []} | changes.pop("router", {})
    whole: dict[str, Any] = {"at": AT, "nodes": [], "node_findings": [], "pools": [], "drain": None} | changes
    return status(router=router, **whole)


def test_names_severities_durations_and_runbooks_are_those_of_the_rules() -> None:
    there = {
        rule["alert"]: rule
        for file in (ROOT / "monitoring" / "rules").glob("*.yml")
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    for rule in RULES:
        known = there[rule.name]
        assert rule.lasting == int(known["for"][:-1]) * SECONDS[known["for"][-1]], rule.name
        assert rule.critical == (known["labels"]["severity"] == "critical"), rule.name
        assert rule.runbook == known["annotations"]["runbook_url"], rule.name


def test_a_healthy_host_has_none() -> None:
    assert shown(case()) == []
    assert alerts(case()).note.startswith("None. ")


FINDING = {"url": NODE["url"], "fault": True, "sentence": "two"}
UNFIT = {"priority": {"configured": 250, "effective": 1}}
CASES: dict[str, dict[str, Any]] = {
    "VipNoHolder": {"owned": False, "router": {"state": "BACKUP", "master": None}, "nodes": [NODE]},
    "VipTwoHolders": {"node_findings": [FINDING | {"kind": "two_holders"}]},
    "VipSecondMaster": {"router": {"masters_observed": 2}},
    "VipFailOpen": {"router": UNFIT},
    "VipCannotSend": {"router": {"cannot_send": "nftables drops it"}},
    "VipLoopStuck": {"loop": {"alive": False, "beat_age_seconds": 7.0}},
    "VipPoolEmpty": {"pools": [POOL | {"servers": [server(up=False)]}]},
    "VipPoolShort": {"pools": [POOL | {"servers": [server(up=False), server(up=True)]}]},
    "VipPoolNotLive": {"pools": [POOL | {"state": "failed", "servers": []}]},
    "VipNoStandby": {"nodes": [NODE]},
    "VipFault": {"router": {"state": "FAULT", "since": AT - 10}},
    "VipCheckFailing": {"check": {"up": False, "since": AT - 10}},
    "VipDockerAway": {"docker_connected": False},
    "VipAdvertsRefused": {"router": {"mismatches": [{"refused": True}]}},
    "VipConfigDrift": {"node_findings": [FINDING | {"kind": "drift"}]},
    "VipDrainForgotten": {"drain": {"since": AT - 5 * 3600, "until": None, "why": "drained"}},
}


def test_there_is_a_case_for_each() -> None:
    assert CASES.keys() == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", CASES)
def test_it_is_found_alone(name: str) -> None:
    assert [cells[0] for cells in shown(case(**CASES[name]))] == [name]


@pytest.mark.parametrize(
    ("name", "fires"),
    [
        ("VipFault", "at 14:14:10, if it lasts"),
        ("VipLoopStuck", "at 14:14:13, if it lasts"),
        ("VipPoolEmpty", "since 14:12:50"),
        ("VipDrainForgotten", "since 13:13:20"),
        ("VipTwoHolders", "once it has lasted for 30 s"),
    ],
)
def test_it_is_said_when_it_fires(name: str, fires: str) -> None:
    assert shown(case(**CASES[name]))[0][3] == fires


def test_who_does_not_answer_may_serve() -> None:
    silent = NODE | {"fault": "no answer within 2 s"}
    nobody = CASES["VipNoHolder"] | {"nodes": [NODE, silent]}
    assert shown(case(**nobody)) == []


def test_a_standby_of_another_router_is_none() -> None:
    other = {"name": "api", "vrid": 52, "state": "BACKUP", "fit": True, "owned": []}
    ready = other | {"vrid": 51}
    for routers, found in (([other], 1), ([ready], 0), ([ready | {"fit": False}], 1)):
        document = case(nodes=[cast("dict[str, Any]", NODE | {"virtual_routers": routers})])
        assert len(shown(document)) == found
