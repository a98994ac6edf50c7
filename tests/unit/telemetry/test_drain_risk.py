"""Nobody is drained who is needed."""

from ipaddress import IPv4Address

import pytest

from sidecar.core.snapshot import MasterSeen, RouterSnapshot
from sidecar.core.state import State
from sidecar.telemetry.drain_risk import able_elsewhere, drain_risk
from sidecar.telemetry.node_document import NodeTold, RouterTold
from sidecar.telemetry.node_record import NodeRecord
from tests.unit.telemetry.handmade import router


def standby(priority: int | None) -> RouterSnapshot:
    master = None if priority is None else MasterSeen(IPv4Address("10.77.0.12"), priority, 999.0, 1.0)
    return router(state=State.BACKUP, master=master)


@pytest.mark.parametrize(
    ("routers", "able", "why"),
    [
        ((router(),), False, "this host serves web, and no other host is known to be able to"),
        ((router(),), True, ""),
        ((standby(240),), False, ""),
        ((standby(1),), False, "10.77.0.12, which serves web, is unfit"),
        ((standby(1),), True, "10.77.0.12, which serves web, is unfit"),
        ((standby(None),), True, "nobody is known to serve web"),
        ((standby(240), router(name="db")), False, "this host serves db"),
        ((router(state=State.FAULT, master=None),), False, ""),
    ],
)
def test_the_reason_against_it_names_the_router(
    routers: tuple[RouterSnapshot, ...], able: bool, why: str
) -> None:
    said = drain_risk(routers, able_elsewhere=able)
    assert said.startswith(why)
    assert bool(said) is bool(why)


def told(effective: int, *, alive: bool = True, state: State = State.BACKUP) -> NodeRecord:
    web = RouterTold("web", 51, state, 1.0, "", 240, effective, (), frozenset())
    return NodeRecord("http://b", 0.0, NodeTold("b", "1", "", False, alive, (web,)), 999.0, fault="")


@pytest.mark.parametrize(
    ("nodes", "able"),
    [
        ((), False),
        ((told(240),), True),
        ((told(1),), False),
        ((told(240, alive=False),), False),
        ((told(240, state=State.FAULT),), False),
        ((told(240).failed("no answer"),), False),
        ((told(1), told(240)), True),
    ],
)
def test_another_host_is_able_if_it_says_so_now(nodes: tuple[NodeRecord, ...], able: bool) -> None:
    assert able_elsewhere(nodes) is able
