"""The status of another host: what is right is read, all else is unreadable, and nothing else is raised."""

import json
from ipaddress import ip_address
from typing import Any

import pytest

from sidecar.core.state import State
from sidecar.telemetry.node_document import MOST_ADDRESSES, MOST_ROUTERS, DrainTold, Unreadable, read
from tests.unit.telemetry.node_documents import document, master, told

ROUTER = document()["virtual_routers"][0]


def test_what_a_standby_tells_is_read() -> None:
    node = told()
    (router,) = node.routers
    assert (node.node, node.version, node.config_hash, node.alive) == ("b", "1.0.0", "9f3a", True)
    assert (router.name, router.vrid, router.state, router.priority) == ("web", 51, State.BACKUP, 240)
    assert (router.owned, router.fit, router.able) == (frozenset(), True, True)


def test_the_vips_of_a_master_are_those_that_its_kernel_has() -> None:
    assert master().routers[0].owned == {ip_address("10.77.0.100")}


def test_a_mac_address_is_read_and_a_sidecar_that_knows_of_none_has_none() -> None:
    assert told(router={"mac": "02:00:00:77:00:0c"}).macs == {"02:00:00:77:00:0c"}
    assert told().macs == frozenset()


@pytest.mark.parametrize(
    "mac", [None, 7, "02:00:00:77:00:0C", "0a:4d:00:0b", "02:00:00:77:00:0c, who serves"]
)
def test_what_is_no_mac_address_is_none_and_loses_no_status(mac: object) -> None:
    assert told(router={"mac": mac}).macs == frozenset()


def test_a_drain_is_read_and_a_sidecar_that_knows_of_none_has_none() -> None:
    why = {"since": 1.0, "until": 2.5, "why": "drained by uid 0\x1b[31m"}
    assert told(drain=why).drain == DrainTold(2.5, "drained by uid 0?[31m")
    assert told(drain=why | {"until": None}).drain == DrainTold(None, "drained by uid 0?[31m")
    assert told().drain is told(drain=None).drain is None


@pytest.mark.parametrize(
    ("priority", "fit"),
    [({"configured": 240, "effective": 1}, False), ({"configured": 1, "effective": 1}, True)],
)
def test_priority_1_is_unfit_unless_it_is_the_configured_one(priority: dict[str, int], fit: bool) -> None:
    assert told(router={"priority": priority}).routers[0].fit is fit


@pytest.mark.parametrize(
    "changes",
    [
        {"node": None},
        {"node": 7},
        {"loop": None},
        {"loop": {"alive": "yes"}},
        {"stopping": 0},
        {"drain": True},
        {"drain": {"until": None}},
        {"drain": {"until": "soon", "why": "drained"}},
        {"drain": {"until": None, "why": 7}},
        {"virtual_routers": {}},
        {"virtual_routers": [7]},
        {"virtual_routers": []},
        {"virtual_routers": [ROUTER, ROUTER | {"vrid": 52}]},
        {"virtual_routers": [ROUTER | {"name": str(number)} for number in range(MOST_ROUTERS + 1)]},
        {"router": {"state": "SERVING"}},
        {"router": {"state": []}},
        {"router": {"vrid": 0}},
        {"router": {"vrid": True}},
        {"router": {"since": "today"}},
        {"router": {"since": 10**400}},
        {"router": {"since": -1}},
        {"router": {"priority": {"configured": 240, "effective": 256}}},
        {"router": {"addresses": [{"address": "10.77.0", "owned": True}]}},
        {"router": {"addresses": [{"address": "10.77.0.100/32", "owned": "no"}]}},
        {"router": {"addresses": [{"address": "10.77.0.100/32", "owned": True}] * (MOST_ADDRESSES + 1)}},
    ],
)
def test_what_is_of_another_kind_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        told(**changes)


@pytest.mark.parametrize("missing", ["node", "version", "config_hash", "stopping", "loop", "virtual_routers"])
def test_what_is_missing_makes_it_unreadable(missing: str) -> None:
    whole = document()
    del whole[missing]
    with pytest.raises(Unreadable):
        read(json.dumps(whole).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"7",
        b'{"node": NaN}',
        b"9" * 5000,
        b'{"node": "a"',
        b"\x00" * 100,
    ],
)
def test_what_is_no_document_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


def test_letters_that_cannot_be_printed_and_texts_without_end_are_not_kept() -> None:
    node = told(node="b\x1b[31m\u202e" + "x" * 1000)
    assert node.node.startswith("b?[31m?x")
    assert len(node.node) == 64


def test_a_sentence_that_is_cut_has_no_half_of_a_command() -> None:
    sentence = "x" * 480 + ": `ip address del 10.77.0.100/32 dev eth0` removes it"
    assert told(router={"reason": sentence}).routers[0].reason == "x" * 480 + ":..."
