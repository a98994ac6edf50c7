"""The page names alerts as monitoring/rules does, and finds each of them.

Modules: telemetry.page.alerts.*.
"""

import time
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.alerts.table import FOR_PROMETHEUS, RULES, alerts
from sidecar.telemetry.page.past import Event, Past
from tests.unit.telemetry.page import pages

ROOT = Path(__file__).parents[5]
SECONDS = {"s": 1, "m": 60, "h": 3600}
AT = 1_790_000_000.0
NODE = pages.NODE | {"virtual_routers": []}
READY = pages.NODE
POOL = {"name": "app", "mode": "normal", "state": "live", "since": AT - 100, "detail": "", "cut_off": None}


def server(up: bool, since: float = AT - 90) -> dict[str, Any]:
    return {"server": "10.0.0.21:80", "up": up, "since": since}


def shown(document: Status, *events: Event) -> list[tuple[str, ...]]:
    return [row.cells for row in alerts(document, Past(counted=events)).rows]


def case(**changes: Any) -> Status:
    return pages.document(**{"at": AT} | changes)


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
        lasting = known.get("for", "0s")
        assert rule.lasting == int(lasting[:-1]) * SECONDS[lasting[-1]], rule.name
        assert rule.critical == (known["labels"]["severity"] == "critical"), rule.name
        assert rule.runbook == known["annotations"]["runbook_url"], rule.name
    assert there.keys() - {rule.name for rule in RULES} == set(FOR_PROMETHEUS)


def test_the_page_about_the_page_says_how_many_it_shows() -> None:
    text = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    assert (
        f"| {len(RULES)} of the {len(RULES) + len(FOR_PROMETHEUS)} of [`monitoring/rules`](alerts.md)" in text
    )


def test_a_healthy_host_has_none() -> None:
    assert shown(case()) == []
    assert alerts(case(), Past()).note.startswith("None. ")


FINDING = {"url": NODE["url"], "fault": True, "sentence": "two"}
OVERHEARD = {"router": "web", "fault": True, "sentence": "two", "source": None, "mac": None}
HOOK = {"hook": "pre_acquire", "at": AT - 10}
UNFIT = {"priority": {"configured": 250, "effective": 1}}
CASES: dict[str, dict[str, Any]] = {
    "VipNoHolder": {"owned": False, "router": {"state": "BACKUP", "master": None}, "nodes": [NODE]},
    "VipTwoHolders": {"node_findings": [FINDING | {"kind": "two_holders"}]},
    "VipSecondMaster": {"router": {"masters_observed": 2}},
    "VipFailOpen": {"router": UNFIT},
    "VipCannotSend": {"router": {"cannot_send": "nftables drops it"}},
    "VipLoopStuck": {"loop": {"alive": False, "beat_age_seconds": 7.0, "picture_age_seconds": 7.0}},
    "VipCannotSendOnStandby": {
        "owned": False,
        "router": {"state": "BACKUP", "cannot_send": "nftables drops it"},
    },
    "VipPoolEmptyOnStandby": {
        "owned": False,
        "router": {"state": "BACKUP"},
        "pools": [POOL | {"servers": [server(up=False)]}],
    },
    "VipPoolEmpty": {"pools": [POOL | {"servers": [server(up=False)]}]},
    "VipPoolShort": {"pools": [POOL | {"servers": [server(up=False), server(up=True)]}]},
    "VipPoolNotLive": {"pools": [POOL | {"state": "failed", "servers": []}]},
    "VipClaimedByOther": {"lan_findings": [OVERHEARD | {"kind": "two_holders"}] * 2},
    "VipOtherSpeaker": {"lan_findings": [OVERHEARD | {"kind": "two_speakers"}]},
    "VipMasterSilent": {"lan_findings": [OVERHEARD | {"kind": "silent_master"}]},
    "VipHookFailing": {"router": {"hooks": [HOOK | {"failing": True}, HOOK | {"failing": False}]}},
    "VipNoStandby": {"nodes": [NODE]},
    "VipFault": {"router": {"state": "FAULT", "since": AT - 10}},
    "VipCheckFailing": {"check": {"up": False, "since": AT - 10}},
    "VipDockerAway": {"docker_connected": False},
    "VipAdvertsRefused": {"router": {"mismatches": [{"refused": True, "reason": "version"}]}},
    "VipConfigDrift": {"node_findings": [FINDING | {"kind": "drift"}]},
    "VipServedElsewhere": {"owned": False, "router": {"state": "BACKUP"}, "nodes": [NODE]},
    "VipSidecarDown": {"nodes": [READY, NODE | {"fault": "no answer within 2 s", "age_seconds": 10.0}]},
    "VipCertificateEnding": {"check": {"certificate_expires": AT + 13 * 86400}},
    "VipReloadRefused": {"config_reload_successful": False},
    "VipDrainForgotten": {"drain": {"since": AT - 5 * 3600, "until": None, "why": "drained"}},
}


def moved(ago: float, **states: str) -> Event:
    return {"event": "transition", "router": "web", "at": AT - ago} | states


def happened(event: str, ago: float, **fields: str) -> Event:
    return {"event": event, "at": AT - ago} | fields


UNKNOWN = {"component": "election", "reason": "unknown_master", "router": "web"}
TO, FRM = {"from": "BACKUP", "to": "MASTER"}, {"from": "MASTER", "to": "BACKUP"}
EVENTS: dict[str, list[Event]] = {
    "VipFlapping": [moved(100 - number, **(FRM if number % 2 else TO)) for number in range(6)],
    "VipObserverRestarting": [happened("observer_started", ago) for ago in (300, 200, 100)],
    "VipRemovedByOther": [happened("vip_removed", ago, router="web") for ago in (300, 200, 100)],
    "VipUnknownMaster": [happened("warning", 100, **UNKNOWN)],
}
"""Those of which only the past tells: one event less is no alert, and neither are events of long ago."""


def test_there_is_a_case_for_each() -> None:
    assert CASES.keys() | EVENTS.keys() | {"VipClocksApart"} == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", CASES)
def test_it_is_found_alone(name: str) -> None:
    assert [cells[0] for cells in shown(case(**CASES[name]))] == [name]


@pytest.mark.parametrize("name", EVENTS)
def test_what_happens_again_and_again_is_counted(name: str) -> None:
    events = EVENTS[name]
    last = time.strftime("%H:%M:%S", time.gmtime(events[-1]["at"]))
    assert [(cells[0], cells[3]) for cells in shown(case(), *events)] == [(name, f"since {last}")]
    assert shown(case(), *events[1:]) == []
    assert shown(case(), *({**event, "at": event["at"] - 3600} for event in events)) == []
    other = {"event": "send_recovered", "router": "other", "reason": ""}
    assert shown(case(), *({**event, **other} for event in events)) == []


def test_a_clock_that_is_apart_is_also_a_refusal() -> None:
    late = case(router={"mismatches": [{"refused": True, "reason": "auth_stale"}]})
    assert {cells[0] for cells in shown(late)} == {"VipClocksApart", "VipAdvertsRefused"}


def test_a_certificate_that_lasts_is_none() -> None:
    assert shown(case(check={"certificate_expires": AT + 15 * 86400})) == []


@pytest.mark.parametrize(
    ("name", "fires"),
    [
        ("VipFault", "at 14:14:10, if it lasts"),
        ("VipHookFailing", "at 14:14:10, if it lasts"),
        ("VipLoopStuck", "at 14:14:13, if it lasts"),
        ("VipPoolEmpty", "since 14:12:50"),
        ("VipDrainForgotten", "since 13:13:20"),
        ("VipTwoHolders", "once it has lasted for 30 s"),
        ("VipSidecarDown", "at 14:16:10, if it lasts"),
        ("VipCertificateEnding", "since 2026-09-20 15:13:20"),
    ],
)
def test_it_is_said_when_it_fires(name: str, fires: str) -> None:
    assert shown(case(**CASES[name]))[0][3] == fires


def test_a_vip_that_only_a_standby_lists_is_served_by_no_stranger() -> None:
    """A reload reaches one host after the other. One that the master lists, and has not, is missing."""
    serves = READY | {"virtual_routers": [pages.TOLD | {"state": "MASTER", "owned": ["10.77.0.200"]}]}
    assert shown(case(**CASES["VipServedElsewhere"] | {"nodes": [serves]})) == []
    claim = {"address": "10.77.0.100/32", "desired": True, "owned": False, "mac": None}
    missing = case(router={"addresses": [claim]}, nodes=[READY])
    assert [cells[:3] for cells in shown(missing)] == [("VipNoHolder", "critical", "10.77.0.100/32")]


def test_who_does_not_answer_may_serve() -> None:
    silent = NODE | {"fault": "no answer within 2 s"}
    nobody = CASES["VipNoHolder"] | {"nodes": [NODE, silent]}
    assert {cells[0] for cells in shown(case(**nobody))} == {"VipSidecarDown"}


def test_a_standby_of_another_router_is_none() -> None:
    other = {"name": "api", "vrid": 52, "state": "BACKUP", "fit": True, "owned": []}
    ready = other | {"vrid": 51}
    for routers, found in (([other], 1), ([ready], 0), ([ready | {"fit": False}], 1)):
        document = case(nodes=[cast("dict[str, Any]", NODE | {"virtual_routers": routers})])
        assert len(shown(document)) == found


def test_a_vrid_that_a_host_has_twice_does_not_tell_who_stands_by() -> None:
    document = case(nodes=[READY])
    document["virtual_routers"] = [each | {"name": name} for each in document["virtual_routers"] for name in
                                   ("web", "web6")]  # fmt: skip
    assert [cells[:3] for cells in shown(document)] == [("VipNoStandby", "warning", "web6")]


@pytest.mark.parametrize(
    ("drained", "found"), [((True,), 0), ((False,), 1), ((True, False), 1), ((True, True), 0)]
)
def test_who_is_drained_is_missing_on_purpose(drained: tuple[bool, ...], found: int) -> None:
    unfit = NODE | {"virtual_routers": [pages.TOLD | {"fit": False}]}
    nodes = [unfit | {"drained": "drained by uid 0" if each else None} for each in drained]
    assert len(shown(case(nodes=nodes))) == found
    lost = [node | {"fault": "no answer within 2 s"} for node in nodes]
    assert "VipNoStandby" in {cells[0] for cells in shown(case(nodes=lost))}, "it may be down by now"
