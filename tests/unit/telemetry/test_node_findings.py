"""Two holders, silence, no standby and drift are found in records of other hosts, a planned move is not."""

from dataclasses import replace
from ipaddress import IPv6Interface
from math import inf

import pytest

from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import State
from sidecar.telemetry.lan.picture import LanPicture
from sidecar.telemetry.node_document import NodeTold
from sidecar.telemetry.node_findings import PATIENCE, Kind, NodeFinding, findings
from sidecar.telemetry.node_record import NodeRecord
from sidecar.telemetry.status_store import NOTHING_HEARD
from tests.unit.telemetry.handmade import router
from tests.unit.telemetry.lan.overheard import Ears, vrrp
from tests.unit.telemetry.node_documents import master, told

URL = "http://10.77.0.12:9650"
START = 1000.0
HASH = "9f3a"


def record(*answers: tuple[float, NodeTold], url: str = URL) -> NodeRecord:
    """Return the record of a node that gave each answer within a tenth of a second."""
    node = NodeRecord(url, START)
    for asked_at, answer in answers:
        node = node.answered(answer, asked_at, asked_at + 0.1)
    return node


def said(
    node: NodeRecord, now: float, *ours: RouterSnapshot, lan: LanPicture = NOTHING_HEARD
) -> tuple[NodeFinding, ...]:
    return findings([node], ours, HASH, now, lan, lambda at: f"{at:.1f}")


SERVING = record((1010.0, master()), (1012.0, master()))


def test_two_hosts_that_hold_a_vip_for_a_second_are_named_with_what_to_look_at() -> None:
    (found,) = said(SERVING, 1012.5, router(since=940.0))
    assert (found.kind, found.fault, found.url) == (Kind.TWO_HOLDERS, True, URL)
    assert found.sentence == (
        "10.77.0.100 is held by two hosts: this host and b (http://10.77.0.12:9650), for 2 s at least; see "
        "that VRRP (IP protocol 112) passes between them in both directions"
    )


def test_two_holders_with_different_vrids_are_told_of_the_vrids() -> None:
    other = record((1010.0, master(vrid=52)), (1012.0, master(vrid=52)))
    (found,) = said(other, 1012.5, router(since=940.0))
    assert found.sentence.endswith(
        "give both the same VRID (this host has 51, b (http://10.77.0.12:9650) has 52)"
    )


@pytest.mark.parametrize("ours_since", [1011.1, 1013.0])
def test_a_vip_that_has_just_come_here_is_not_held_twice(ours_since: float) -> None:
    """The other host let go when it heard us, later than its last answer."""
    assert said(SERVING, 1013.9, router(since=ours_since)) == ()


def test_a_vip_that_has_just_gone_there_is_not_held_twice() -> None:
    """The answer was younger than the picture of this host, which is BACKUP a moment later."""
    assert said(record((1010.0, told()), (1012.0, master())), 1012.2, router(since=940.0)) == ()


@pytest.mark.parametrize("ours", [router(state=State.BACKUP), router(owned=frozenset())])
def test_who_does_not_hold_it_is_no_second_holder(ours: RouterSnapshot) -> None:
    assert said(SERVING, 1012.5, ours) == ()


def test_a_host_that_does_not_answer_is_no_holder() -> None:
    assert said(SERVING.failed("no answer within 2 s"), 1014.0, router(since=940.0)) == ()


def test_a_standby_sees_two_others_that_hold_a_vip() -> None:
    third = record((1010.5, master()), (1012.5, master()), url="http://10.77.0.13:9650")
    ours = [router(state=State.BACKUP, owned=frozenset())]
    (found,) = findings([SERVING, third], ours, HASH, 1013.0, NOTHING_HEARD, str)
    assert "b (http://10.77.0.12:9650) and b (http://10.77.0.13:9650)" in found.sentence


def test_a_link_local_address_is_another_one_on_each_lan() -> None:
    vip = IPv6Interface("fe80::100/128")
    address = [{"address": str(vip), "owned": True}]
    ours = router(vips=(vip,), owned=frozenset({vip}), family=6)
    other, same = (
        record(*((at, master(vrid=vrid, addresses=address)) for at in (1010.0, 1012.0))) for vrid in (7, 51)
    )
    assert said(other, 1012.5, ours) == ()
    assert [each.kind for each in said(same, 1012.5, ours)] == [Kind.TWO_HOLDERS]


@pytest.mark.parametrize("node", [NodeRecord(URL, START), record((START, told()))])
def test_a_host_that_is_silent_for_long_is_told_with_the_reason(node: NodeRecord) -> None:
    silent = node.failed("connection refused")
    assert said(silent, START + PATIENCE - 0.1) == ()
    (found,) = said(silent, START + PATIENCE + 0.2)
    assert (found.kind, found.fault) == (Kind.SILENT, False)
    assert found.sentence.endswith("has not told its status for 30 s: connection refused")


MAC = "02:00:00:77:00:0c"
OWN = {"eth0": "02:00:00:77:00:0b"}
NO_ANSWER = "no answer within 2 s"
SILENT = record((START, told(router={"mac": MAC}))).failed(NO_ANSWER, silent=True)
LATER = START + PATIENCE + 0.2


def heard(at: float) -> LanPicture:
    """What is known on a LAN where that host was overheard last at that time."""
    return LanPicture(START - 60.0, alive={MAC: at}, macs=OWN)


@pytest.mark.parametrize(("at", "since"), [(START - 7.0, "1000.1"), (START + 9.5, "1009.5")])
def test_of_a_host_that_is_silent_its_mac_is_told_and_since_when_nothing_at_all_comes(
    at: float, since: str
) -> None:
    (found,) = said(SILENT, LATER, lan=heard(at))
    assert found.sentence == (
        f"b ({URL}) has not told its status for 30 s: {NO_ANSWER}; nothing heard of it ({MAC}) since "
        f"{since}, by VRRP and ARP neither: see whether it is up, then the cable, the switch and the packet "
        "filters between the hosts"
    )


def test_a_host_that_does_not_answer_and_is_heard_is_there() -> None:
    (found,) = said(SILENT, LATER, lan=heard(LATER - 9.0))
    assert found.sentence.endswith(
        f"; its VRRP or ARP is still heard ({MAC}): see what drops TCP to that port on its way there"
    )


def virtual_mac_heard() -> LanPicture:
    ears = Ears(router())
    ears.hear(vrrp(mac=bytes.fromhex("00005e000133")))
    return replace(ears.evidence.picture(), alive={MAC: START})


IPV6 = {"mac": MAC, "addresses": [{"address": "2001:db8::100/128", "owned": False}]}


@pytest.mark.parametrize(
    ("node", "lan"),
    [
        (SILENT, NOTHING_HEARD),
        (record((START, told())).failed(NO_ANSWER, silent=True), heard(START)),
        (SILENT, LanPicture(START, alive={MAC: -inf}, macs=OWN)),
        (SILENT, virtual_mac_heard()),
        (record((START, told(router=IPV6))).failed(NO_ANSWER, silent=True), heard(START)),
        (SILENT.failed("connection refused"), heard(START)),
    ],
    ids=[
        "nobody listens",
        "it tells no MAC address",
        "never heard here",
        "a virtual MAC address is heard",
        "IPv6 alone",
        "it refuses",
    ],
)
def test_nothing_is_said_of_the_lan_where_that_is_not_known(node: NodeRecord, lan: LanPicture) -> None:
    (found,) = said(node, LATER, lan=lan)
    assert found.sentence.endswith(f"30 s: {node.fault}")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (told(router={"state": "FAULT", "reason": "interface eth0 is down"}), "web is FAULT: interface eth0"),
        (told(router={"priority": {"configured": 240, "effective": 1}}), "contends at priority 1"),
        (told(loop={"alive": False}), "its protocol loop does not run"),
    ],
)
def test_a_host_that_could_not_take_over_for_long_is_no_standby(answer: NodeTold, why: str) -> None:
    good = record((1010.0, told()))
    assert said(good.answered(answer, 1012.0, 1012.1), 1012.5) == (), "a restart takes less"
    (found,) = said(good.answered(answer, 1041.0, 1041.1), 1041.5)
    assert (found.kind, found.fault) == (Kind.UNABLE, False)
    assert why in found.sentence


def test_a_host_that_is_drained_is_no_standby_because_of_that() -> None:
    why = "drained by uid 0 until 2026-11-27 03:00:00 UTC"
    drain = {"since": 1.0, "until": None, "why": why}
    unfit = told(router={"priority": {"configured": 240, "effective": 1}}, drain=drain)
    (found,) = said(record((1041.0, unfit)), 1041.5)
    assert found.sentence == f"b ({URL}) is no standby: {why}"
    broken = told(router={"state": "FAULT", "reason": "interface eth0 is down"}, drain=drain | {"why": ""})
    (found,) = said(record((1041.0, broken)), 1041.5)
    assert found.sentence == f"b ({URL}) is no standby: drained; web is FAULT: interface eth0 is down"


def test_another_configuration_is_named_with_both_hashes() -> None:
    (found,) = said(record((1010.0, told(config_hash="77aa"))), 1010.5)
    assert (found.kind, found.fault) == (Kind.DRIFT, False)
    assert "the configuration of b (http://10.77.0.12:9650) differs" in found.sentence
    assert "hash 77aa there, 9f3a here" in found.sentence


def test_another_version_is_no_finding() -> None:
    assert said(record((1010.0, told(version="1.0.1"))), 1010.5) == ()


def test_the_fault_comes_first() -> None:
    drifted = record(*((at, replace(master(), config_hash="77aa")) for at in (1010.0, 1012.0)))
    kinds = [each.kind for each in said(drifted, 1012.5, router(since=940.0))]
    assert kinds == [Kind.TWO_HOLDERS, Kind.DRIFT]
