"""A planned move is no reason to look; the same state that lasts is one."""

from typing import Any

import pytest

from sidecar.telemetry.verdict import judge
from tests.unit.cli.handmade import status

SINCE = 1_790_000_000.0
HEARD = {"source": "10.77.0.12", "priority": 240, "last_advert_age_seconds": 0.4}


def step(name: str, seconds: float | None = None) -> dict[str, Any]:
    return {"step": name, "at": None, "in_seconds": seconds, "sentence": f"the sentence of {name}"}


def standby(**router: Any) -> dict[str, Any]:
    return {"state": "BACKUP", "master": HEARD, "next": step("follows")} | router


def code(*, router: dict[str, Any], owned: bool = False, **changes: Any) -> int:
    return judge(status(router=router, owned=owned, **changes)).code


@pytest.mark.parametrize(("seconds", "verdict"), [(0.05, 0), (3.0, 0), (-0.5, 0), (-1.5, 2)])
def test_no_master_is_no_fault_while_this_host_takes_over(seconds: float, verdict: int) -> None:
    assert code(router=standby(master=None, next=step("takes_over", seconds))) == verdict


@pytest.mark.parametrize(("age", "verdict"), [(0.4, 0), (3.5, 0), (4.5, 2)])
def test_a_master_that_is_silent_while_nobody_takes_over_is_a_fault(age: float, verdict: int) -> None:
    router = standby(master=HEARD | {"last_advert_age_seconds": age}, next=step("sync_group"))
    told = judge(status(router=router, owned=False))
    assert told.code == verdict
    if verdict:
        assert told.reasons == ("web: no master is heard, since 4 s; the sentence of sync_group",)


@pytest.mark.parametrize(("uptime", "verdict"), [(2.0, 0), (20.0, 2)])
def test_a_router_that_starts_or_ends_is_no_fault(uptime: float, verdict: int) -> None:
    assert code(router=standby(state="INIT", master=None), uptime_seconds=uptime) == verdict
    assert code(router=standby(state="INIT", master=None), uptime_seconds=uptime, stopping=True) == 0


@pytest.mark.parametrize(("age", "verdict"), [(0.2, 0), (2.0, 1)])
def test_a_vip_that_is_being_removed_is_told_when_it_stays(age: float, verdict: int) -> None:
    assert code(router=standby(), owned=True, at=SINCE + age) == verdict


@pytest.mark.parametrize(("uptime", "verdict"), [(2.0, 0), (20.0, 1)])
def test_what_is_unknown_yet_is_told_when_it_stays_unknown(uptime: float, verdict: int) -> None:
    router = standby(priority={"configured": 250, "effective": 1})
    unknown = {"up": None, "detail": "no result yet"}
    assert code(router=router, check=unknown, uptime_seconds=uptime) == verdict
    assert code(router=standby(), docker_connected=False, uptime_seconds=uptime) == verdict


def test_a_check_that_is_down_is_told_at_once() -> None:
    router = standby(priority={"configured": 250, "effective": 1}, checks=["http"])
    down = {"up": False, "detail": "connection refused"}
    told = judge(status(router=router, check=down, owned=False, uptime_seconds=2.0))
    assert told.code == 1
    assert told.reasons[0] == "web contends at priority 1, not 250: check http is down: connection refused"


def check(name: str, *, up: bool | None) -> dict[str, Any]:
    return {"name": name, "kind": "tcp", "up": up, "detail": f"the detail of {name}"}


@pytest.mark.parametrize(
    ("ups", "because"),
    [
        ({"web1": True, "api1": False}, ""),
        ({"web1": None, "api1": False}, ": check web1 has no verdict: the detail of web1"),
        ({"web1": None, "web2": False}, ": check web2 is down (and 1 more): the detail of web2"),
    ],
)
def test_the_first_sentence_names_the_check_of_this_router_that_counts(
    ups: dict[str, bool | None], because: str
) -> None:
    router = standby(priority={"configured": 250, "effective": 1}, checks=["web1", "web2"])
    told = judge(status(router=router, checks=[check(name, up=up) for name, up in ups.items()]))
    assert told.reasons[0] == f"web contends at priority 1, not 250{because}"


def test_a_host_that_is_not_heard_says_so_before_the_priority_that_follows_from_it() -> None:
    router = standby(priority={"configured": 250, "effective": 1}, cannot_send="nftables drops it")
    told = judge(status(router=router, owned=False))
    assert told.reasons[0] == "web: no other host can hear this one: nftables drops it"


def test_one_that_serves_although_it_is_unfit_says_so() -> None:
    lowered = {"configured": 250, "effective": 1}
    router = {"priority": lowered, "next": step("serves_unfit"), "checks": ["http"]}
    told = judge(status(router=router, check={"up": False, "detail": "no reply"}))
    assert told.code == 1
    assert told.reasons[:2] == (
        "web the sentence of serves_unfit: check http is down: no reply",
        "web contends at priority 1, not 250",
    )
