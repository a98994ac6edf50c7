"""The table of `status`.

Modules: cli.node_table, cli.table_text, telemetry.document.
"""

import re
from typing import Any

import pytest

from sidecar.cli.status_table import render
from sidecar.telemetry.document import Status
from sidecar.telemetry.verdict import judge
from tests.unit.cli.handmade import status

NOW = 1_790_093_720.0

MASTER = """\
node a, up 1d 2h, version 1.0.0, config 9f3a

web  VRID 51  eth0  v3/multicast                                MASTER for 1d 2h
  changed   no advertisement of 10.77.0.12 for 3.06 s
  priority  250
  master    this host, as 10.77.0.11
  standby   says nothing in VRRP; `nodes:` in the file shows it here
  VIP       10.77.0.100/32  held here

CHECK            KIND       RESULT  SINCE    LAST
http             http       up      1d 2h    200 in 3 ms

ok
"""

BACKUP = """\
node a, up 1d 2h, version 1.0.0, config 9f3a

web  VRID 51  eth0  v3/multicast                                BACKUP for 1d 2h
  changed   10.77.0.12 has the higher priority
  priority  250, now 1
  master    10.77.0.12 with priority 240, heard 0.2 s ago
  VIP       10.77.0.100/32  not here

CHECK            KIND       RESULT  SINCE    LAST
http             http       DOWN    1d 2h    connection refused

degraded
! web contends at priority 1, not 250
! check http is down: connection refused
"""

POOLS: list[dict[str, Any]] = [
    {
        "name": "app",
        "upstream": "app",
        "mode": "normal",
        "state": "live",
        "since": NOW - 312,
        "detail": "10.0.0.22:8080 failed: tcp: connection refused",
        "generation": 7,
        "cut_off": None,
        "servers": [
            {
                "server": f"10.0.0.{number}:8080",
                "name": f"10.0.0.{number}:8080",
                "up": up,
                "in_service": up,
                "weight": 1,
                "ramp_percent": ramp,
                "detail": detail,
                "since": NOW - 312,
                "age_seconds": 0.4,
            }
            for number, up, ramp, detail in (
                (21, True, 100, "http: 200 in 3 ms"),
                (22, False, 100, "tcp: connection refused"),
                (23, True, 25, "http: 200 in 4 ms"),
            )
        ],
    }
]
POOL = """\
pool app  generation 7  live for 5m 12s
  why       10.0.0.22:8080 failed: tcp: connection refused
  SERVER                    RESULT  TRAFFIC  SINCE    LAST
  10.0.0.21:8080            up      yes      5m 12s   http: 200 in 3 ms
  10.0.0.22:8080            DOWN    no       5m 12s   tcp: connection refused
  10.0.0.23:8080            up      25%      5m 12s   http: 200 in 4 ms

degraded
! pool app: 10.0.0.22:8080 is not up: tcp: connection refused
"""


def show(document: Status, *, colors: bool = False) -> str:
    return render(document, judge(document), NOW, colors=colors)


def test_a_master_in_80_columns() -> None:
    assert show(status()) == MASTER


def test_a_backup_says_whom_it_follows_and_what_is_wrong() -> None:
    router = {
        "state": "BACKUP",
        "reason": "10.77.0.12 has the higher priority",
        "priority": {"configured": 250, "effective": 1},
        "master": {"source": "10.77.0.12", "priority": 240, "last_advert_age_seconds": 0.2},
    }
    document = status(router=router, owned=False, check={"up": False, "detail": "connection refused"})
    assert show(document) == BACKUP


def test_a_vip_that_no_advert_has_room_for_says_so() -> None:
    vip = {"address": "10.77.0.100/32", "desired": True, "owned": True, "mac": None, "advertised": False}
    assert "  VIP       10.77.0.100/32  held here  not advertised (MTU)\n" in show(
        status(router={"addresses": [vip]})
    )


def test_a_host_that_is_held_down_says_for_how_long() -> None:
    lines = show(status(router={"hold_down_seconds": 75.3})).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("  held"))
    assert lines[at : at + 2] == [
        "  held      down until 16:16:35 UTC (1m 15s): it failed too often and preempts",
        "            no healthy host",
    ]
    assert "  priority  250" in lines


def test_a_pool_says_who_gets_requests_and_why() -> None:
    assert show(status(pools=POOLS)).endswith(POOL)


def test_a_pool_that_cannot_be_changed_or_fails_open_is_a_worry() -> None:
    broken = [{**POOLS[0], "state": "failed", "mode": "fail_open", "detail": "refused: x", "servers": []}]
    shown = show(status(pools=broken))
    assert "! pool app cannot be changed: refused: x\n! pool app: fail open\n" in shown


def test_a_pool_whose_servers_are_not_judged_is_a_worry() -> None:
    shown = show(status(pools=[{**POOLS[0], "cut_off": "eth0 has no carrier", "servers": []}]))
    assert "! pool app: this host is cut off and judges no server of it: eth0 has no carrier\n" in shown


@pytest.mark.parametrize(("apart", "restarts"), [(True, 0), (False, 0), (True, 3)])
def test_an_observer_that_is_not_apart_or_was_replaced_is_told_of(apart: bool, restarts: int) -> None:
    observer = {"uid": 0, "apart": apart, "restarts": restarts}
    shown = show(status(processes={"router": {"uid": 0}, "observer": observer}))
    assert ("* the observer has the router's user, uid 0, and may read its files" in shown) is not apart
    assert ("`run --observer-user UID:GID` mends that" in shown) is not apart
    assert ("* the observer was started again 3 times; the log says why\n" in shown) is (restarts == 3)


@pytest.mark.parametrize(("alive", "age"), [(True, 0.1), (True, 60.0), (False, 60.0)])
def test_a_router_that_did_not_answer_is_told_of_unless_it_is_stuck(alive: bool, age: float) -> None:
    shown = show(status(loop={"alive": alive, "beat_age_seconds": 0.4, "picture_age_seconds": age}))
    assert ("* the router did not answer in time:" in shown) is (alive and age > 1)


def test_colours_add_nothing_but_colours() -> None:
    colored = show(status(), colors=True)
    assert "\x1b[32mMASTER" in colored
    assert re.sub(r"\x1b\[\d+m", "", colored) == MASTER


def test_the_name_of_an_interface_cannot_move_the_cursor() -> None:
    assert "(e?[2J)" in show(status(router={"device": "e\x1b[2J"}), colors=False)


def test_what_a_checked_server_said_cannot_move_the_cursor() -> None:
    shown = show(status(check={"up": False, "detail": "500 \x1b[2J\x07\x9b0;1H owned"}), colors=False)
    assert all(letter.isprintable() or letter == "\n" for letter in shown)


def test_no_line_is_longer_than_80_columns() -> None:
    detail = "a very long story about a server " * 10
    shown = show(status(check={"up": False, "detail": detail}, router={"reason": detail}))
    assert max(len(line) for line in shown.splitlines()) <= 80


NODE: dict[str, Any] = {
    "url": "http://10.77.0.12:9650",
    "node": "b",
    "version": "1.0.1",
    "config_hash": "9f3a",
    "same_config": True,
    "age_seconds": 1.25,
    "fault": None,
    "virtual_routers": [
        {
            "name": "web",
            "vrid": 51,
            "state": "BACKUP",
            "fit": True,
            "priority": {"configured": 240, "effective": 240},
            "owned": [],
        }
    ],
}


def test_another_host_has_a_row_with_its_state() -> None:
    shown = show(status(nodes=[NODE]))
    assert "standby" not in shown
    assert (
        "NODE             STATE                    PRIORITY     CONFIG    READ\n"
        "b                web BACKUP               240          same      1.2s ago, 1.0.1\n"
    ) in shown


def test_a_host_that_differs_is_unfit_or_has_many_routers_is_shown_so() -> None:
    (router,) = NODE["virtual_routers"]
    unfit = router | {"priority": {"configured": 240, "effective": 1}}
    shown = show(status(nodes=[NODE | {"same_config": False, "virtual_routers": [unfit]}]))
    assert "b                web BACKUP               240, now 1   differs   1.2s ago, 1.0.1\n" in shown
    many = [router] * 5 + [router | {"state": "FAULT"}]
    assert "b                5 BACKUP, 1 FAULT " in show(status(nodes=[NODE | {"virtual_routers": many}]))


def test_a_host_that_does_not_answer_is_shown_with_the_reason_and_nothing_that_it_said() -> None:
    shown = show(status(nodes=[NODE | {"drained": "drained by uid 0\x1b[31m until 03:00"}]))
    assert "drained by uid 0?[31m until 03:00" in shown
    shown = show(status(nodes=[NODE | {"fault": "connection refused"}]))
    assert "b                last read 1.2s ago: connection refused\n" in shown
    assert "BACKUP" not in shown
    never = NODE | {"fault": "no answer within 2 s", "node": None, "age_seconds": None}
    assert "http://10.77.... never read: no answer within 2 s\n" in show(status(nodes=[never]))


MENDS = "`nft insert rule inet filter input ip saddr 10.77.0.12 meta l4proto 112 accept`"


def test_a_command_is_shown_whole_on_a_line_of_its_own() -> None:
    why = f"the packet filter of this host drops what 10.77.0.12 sends: {MENDS} lets it pass"
    shown = show(
        status(
            router={"state": "FAULT", "reason": why},
            check={"up": False, "detail": "/x is no program; `chmod 755 /srv/x` mends it"},
            drain={"since": NOW, "until": None, "why": f"drained by uid {65534:046}"},
            node_findings=[{"kind": "silent", "fault": False, "sentence": why}],
        )
    )
    lines = shown.splitlines()
    assert f"            {MENDS}" in lines
    assert f"  {MENDS}" in lines
    assert "  `vip-sidecar undrain`" in lines
    assert "http             http       DOWN    1d 2h    /x is no program;..." in lines
    assert "! check http is down: /x is no program; `chmod 755 /srv/x` mends it" in lines


def test_a_host_whose_fault_has_a_command_shows_no_half_of_it() -> None:
    fault = "no answer within two seconds, see why: `curl http://10.77.0.12:9650/status.json`"
    row = next(line for line in show(status(nodes=[NODE | {"fault": fault}])).splitlines() if "last" in line)
    assert row.endswith("last read 1.2s ago: no answer within two seconds, see why:...")
