from typing import Any

import pytest

from sidecar.telemetry.verdict import judge
from tests.unit.cli.handmade import status

REFUSED = {
    "source": "10.77.0.66",
    "mac": "02:00:00:77:00:42",
    "reason": "version",
    "refused": True,
    "detail": "it speaks VRRP version 2, we version 3",
    "remedy": "set `version: 2` here",
    "adverts": 5,
    "last_advert_age_seconds": 0.5,
}
WAITS = {
    "step": "startup_delay",
    "at": 1790000020.0,
    "in_seconds": 20.0,
    "sentence": "waits until 13:13:40 UTC (startup_delay); then takes over, unless a better master is heard",
}


def test_a_master_with_its_vip_is_ok() -> None:
    verdict = judge(status())
    assert (verdict.code, verdict.reasons) == (0, ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"loop": {"alive": False, "beat_age_seconds": 7.0, "picture_age_seconds": 7.0}},
            "last ran 7.0 s ago",
        ),
        ({"loop": {"alive": False, "beat_age_seconds": None, "picture_age_seconds": 7.0}}, "has not run yet"),
        ({"router": {"state": "FAULT", "reason": "interface eth0 is down"}}, "interface eth0 is down"),
        ({"router": {"state": "INIT", "reason": "checks have no results"}}, "web is INIT"),
        ({"router": {"state": "BACKUP", "master": None}}, "no master is known"),
        ({"router": {"state": "BACKUP", "master": None, "next": WAITS}}, "no master is known; waits until"),
        ({"owned": False}, "MASTER without 10.77.0.100/32"),
    ],
)
def test_no_holder_or_a_fault_is_2(change: dict[str, Any], reason: str) -> None:
    verdict = judge(status(**change))
    assert verdict.code == 2
    assert reason in verdict.reasons[0]


def test_a_host_that_has_just_been_told_to_wait_is_no_fault() -> None:
    router = {"state": "BACKUP", "master": None, "next": WAITS}
    assert judge(status(router=router, owned=False)).code == 2
    young = status(router=router, owned=False, uptime_seconds=5.0)
    assert judge(young).code == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"check": {"up": False, "detail": "connection refused"}}, "http is down: connection refused"),
        ({"check": {"up": None, "detail": "Docker is away"}}, "has no verdict: Docker is away"),
        ({"router": {"priority": {"configured": 250, "effective": 230}}}, "at priority 230, not 250"),
        ({"router": {"masters_observed": 2}}, "2 masters were seen"),
        ({"router": {"state": "BACKUP"}}, "still has a VIP"),
        ({"docker_connected": False}, "Docker is away"),
        ({"router": {"hold_down_seconds": 2.5}}, "web is held down: it failed too often"),
        (
            {"router": {"hosts": 2, "other_hosts": ["10.77.0.12", "10.77.0.13"]}},
            "web: `hosts: 2` is wrong: 2 other hosts were heard (10.77.0.12, 10.77.0.13)",
        ),
        ({"router": {"mismatches": [REFUSED]}}, "adverts of 10.77.0.66 (02:00:00:77:00:42) are refused: it"),
        ({"router": {"mismatches": [REFUSED | {"refused": False}]}}, "are followed: it"),
    ],
)
def test_a_worry_is_1(change: dict[str, Any], reason: str) -> None:
    verdict = judge(status(**change))
    assert verdict.code == 1
    assert reason in verdict.reasons[0]


def test_one_other_host_is_right_with_two_hosts() -> None:
    assert judge(status(router={"hosts": 2, "other_hosts": ["10.77.0.12"]})).code == 0


def test_a_fault_comes_before_the_worries() -> None:
    verdict = judge(status(router={"state": "FAULT"}, check={"up": False}))
    assert verdict.code == 2
    assert [reason.split(" ")[0] for reason in verdict.reasons] == ["web", "web", "check"]


def test_what_is_found_about_other_hosts_counts_like_the_rest() -> None:
    drift = {
        "kind": "drift",
        "url": "http://b:1",
        "fault": False,
        "sentence": "the configuration of b differs",
    }
    two = {"kind": "two_holders", "url": "http://b:1", "fault": True, "sentence": "10.77.0.100 is held twice"}
    assert judge(status(node_findings=[drift])).code == 1
    verdict = judge(status(node_findings=[two, drift]))
    assert (verdict.code, verdict.reasons) == (2, (two["sentence"], drift["sentence"]))


def test_who_is_overheard_and_why_comes_before_what_other_hosts_tell() -> None:
    overheard = {
        "kind": "two_holders",
        "router": "web",
        "fault": True,
        "sentence": "two hosts; it speaks VRRP version 2",
        "source": "10.77.0.12",
        "mac": "02:00:00:77:00:0c",
    }
    told = {
        "kind": "two_holders",
        "url": "http://b:1",
        "fault": True,
        "sentence": "10.77.0.100 is held twice",
    }
    verdict = judge(status(lan_findings=[overheard], node_findings=[told]))
    assert verdict.reasons == ("web: two hosts; it speaks VRRP version 2", told["sentence"])


def test_a_master_that_fell_silent_is_named_with_its_mac_before_what_its_status_does_not_tell() -> None:
    overheard = {
        "kind": "silent_master",
        "router": "web",
        "fault": False,
        "sentence": "nothing heard of 10.77.0.11 (02:00:00:77:00:0b) since 13:14:34 UTC",
        "source": "10.77.0.11",
        "mac": "02:00:00:77:00:0b",
    }
    told = {"kind": "silent", "url": "http://a:1", "fault": False, "sentence": "a has not told its status"}
    verdict = judge(status(lan_findings=[overheard], node_findings=[told]))
    assert (verdict.code, verdict.reasons) == (1, (f"web: {overheard['sentence']}", told["sentence"]))
