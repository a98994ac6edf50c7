"""A pair that is not well is not moved, and each obstacle has the line that mends it."""

from typing import Any, cast

import pytest

from sidecar.cli.drill.preflight import obstacles
from sidecar.core.params import RouterParams
from sidecar.telemetry.document import Node, Status
from tests.unit.cli.handmade import status
from tests.unit.doctor.handmade import router


def node(*, fault: str | None = None, **changes: Any) -> Node:
    """The other host, which stands by."""
    told = {
        "name": "web", "vrid": 51, "state": "BACKUP", "fit": True,
        "priority": {"configured": 240, "effective": 240}, "owned": [],
    }  # fmt: skip
    return cast(
        "Node",
        {"url": "http://lb2:9650", "node": "lb2", "fault": fault, "virtual_routers": [told | changes]},
    )


def found(pair: Status, params: RouterParams | None = None) -> list[tuple[str, str]]:
    mine = params or router(priority=250)
    return [(each.sentence, each.mend) for each in obstacles(pair, {mine.name: mine})]


def pair(*nodes: Node, drain: object = None, **more: Any) -> Status:
    return status(nodes=list(nodes or (node(),)), drain=drain, **more)


def test_a_pair_that_is_well() -> None:
    assert found(pair()) == []


def test_what_status_complains_of() -> None:
    down = {"up": False, "detail": "connection refused"}
    assert found(pair(check=down)) == [
        ("check http is down: connection refused", "vip-sidecar status;  vip-sidecar doctor")
    ]


@pytest.mark.parametrize(
    ("changed", "sentence", "mend"),
    [
        (pair(drain={}), "this host is drained", "vip-sidecar undrain"),
        (
            pair(router={"state": "BACKUP"}, owned=False),
            "this host does not serve web, which 10.77.0.11 serves",
            "run it on the host that serves",
        ),
        (
            pair(node(fault="connection refused")),
            "no other host is known to stand by for web (http://lb2:9650: connection refused)",
            "nodes: [",
        ),
        (pair(node(fit=False)), "no other host is known to stand by for web (http://lb2:9650: does not ", ""),
        (pair(node(state="FAULT")), "no other host is known to stand by for web (http://lb2:9650: does", ""),
        (
            pair(node(priority={"configured": 250, "effective": 250})),
            "web would not come back from lb2: priority 250 is not above its 250",
            "vip-sidecar failover, here and later there",
        ),
    ],
)  # fmt: skip
def test_an_obstacle(changed: Status, sentence: str, mend: str) -> None:
    ((said, line),) = found(changed)
    assert said.startswith(sentence)
    assert line.startswith(mend)


def test_what_would_not_come_back_and_what_is_configured_otherwise() -> None:
    ((said, _),) = found(pair(), router(priority=250, preempt=False))
    assert said == "web would not come back from lb2: `preempt: false`"
    ((said, _),) = found(pair(), router(name="other"))
    assert said == "web is not in the configuration that was read"
