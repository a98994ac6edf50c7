"""Nobody is drained who is needed."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

import pytest

from sidecar.core.snapshot import MasterSeen, RouterSnapshot
from sidecar.core.state import State
from sidecar.telemetry.drain_risk import able_elsewhere, drain_risk
from sidecar.telemetry.node_document import DrainTold, NodeTold, RouterTold
from sidecar.telemetry.node_record import NodeRecord
from tests.unit.telemetry.handmade import VIP, router

OTHER = IPv4Address("10.77.0.200")


def standby(priority: int | None) -> RouterSnapshot:
    master = None if priority is None else MasterSeen(IPv4Address("10.77.0.12"), priority, 999.0, 1.0)
    return router(state=State.BACKUP, master=master)


@pytest.mark.parametrize(
    ("routers", "able", "why"),
    [
        ((router(),), (), "this host serves web, and no other host is known to be able to"),
        ((router(),), (OTHER,), "this host serves web, and no other host is known to be able to"),
        ((router(),), (VIP.ip,), ""),
        ((router(vips=(VIP, IPv4Interface(OTHER))),), (VIP.ip,), "this host serves web, and no other host"),
        ((standby(240),), (), ""),
        ((standby(1),), (), "10.77.0.12, which serves web, is unfit"),
        ((standby(1),), (VIP.ip,), "10.77.0.12, which serves web, is unfit"),
        ((standby(None),), (VIP.ip,), "nobody is known to serve web"),
        ((standby(240), router(name="db")), (), "this host serves db"),
        ((router(state=State.FAULT, master=None),), (), ""),
    ],
)
def test_the_reason_against_it_names_the_router(
    routers: tuple[RouterSnapshot, ...], able: tuple[IPv4Address, ...], why: str
) -> None:
    said = drain_risk(routers, able)
    assert said.startswith(why)
    assert bool(said) is bool(why)


def web(effective: int = 240, state: State = State.BACKUP, vip: IPv4Address = VIP.ip) -> RouterTold:
    return RouterTold(f"of {vip}", 51, state, 1.0, "", 240, effective, (vip,), frozenset())


def told(*routers: RouterTold, **changes: Any) -> NodeRecord:
    node = NodeTold("b", "1", "", stopping=False, alive=True, routers=routers or (web(),))
    return NodeRecord("http://b", 0.0, replace(node, **changes), 999.0, fault="")


@pytest.mark.parametrize(
    ("nodes", "able"),
    [
        ((), set()),
        ((told(),), {VIP.ip}),
        ((told(web(1)),), set()),
        ((told(alive=False),), set()),
        ((told(stopping=True),), set()),
        ((told(drain=DrainTold(None, "drained by uid 0")),), set()),
        ((told(web(state=State.FAULT)),), set()),
        ((told().failed("no answer"),), set()),
        ((told(web(1)), told()), {VIP.ip}),
        ((told(web(), web(1, vip=OTHER)),), {VIP.ip}),
        ((told(web(vip=OTHER)),), {OTHER}),
    ],
)
def test_another_host_is_able_if_it_says_so_now_and_of_what_it_has(
    nodes: tuple[NodeRecord, ...], able: set[IPv4Address]
) -> None:
    assert able_elsewhere(nodes) == able
