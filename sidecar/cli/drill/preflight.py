"""Why a pair should not be moved now, and what mends that. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.core.params import RouterParams
from sidecar.telemetry.document import Node, NodeRouter, Router, Status
from sidecar.telemetry.verdict import Level, judge

_LOOK: Final = "vip-sidecar status;  vip-sidecar doctor"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A sentence, and the line that mends it."""

    sentence: str
    mend: str


def obstacles(status: Status, routers: Mapping[str, RouterParams]) -> Iterator[Obstacle]:
    """Yield why the VIPs of this host should not go to another one now, or would not come back.

    `routers` are those of the configuration, by their names.
    """
    if status["drain"] is not None:
        yield Obstacle("this host is drained", "vip-sidecar undrain")
        return
    verdict = judge(status)
    if verdict.code is not Level.OK:
        yield from (Obstacle(reason, _LOOK) for reason in verdict.reasons)
    for router in status["virtual_routers"]:
        yield from _of_router(router, status, routers.get(router["name"]))


def standby(router: Router, status: Status) -> tuple[Node, NodeRouter] | None:
    """Return the host that stands by for a router, with what it tells of it; None: none is known to."""
    for node in status["nodes"]:
        for told in node["virtual_routers"]:
            if (
                not node["fault"]
                and told["name"] == router["name"]
                and told["state"] == "BACKUP"
                and told["fit"]
            ):
                return node, told
    return None


def _of_router(router: Router, status: Status, params: RouterParams | None) -> Iterator[Obstacle]:
    name = router["name"]
    if params is None:
        yield Obstacle(
            f"{name} is not in the configuration that was read", "vip-sidecar reload, or name it with -c"
        )
        return
    if router["state"] != "MASTER":
        serves = "" if router["master"] is None else f", which {router['master']['source']} serves"
        yield Obstacle(f"this host does not serve {name}{serves}", "run it on the host that serves")
        return
    found = standby(router, status)
    if found is None:
        read = "; ".join(f"{node['url']}: {node['fault'] or 'does not stand by'}" for node in status["nodes"])
        yield Obstacle(
            f"no other host is known to stand by for {name}{f' ({read})' if read else ''}",
            'nodes: ["http://10.77.0.12:9650"]   # in the configuration: the status server of the other host',
        )
        return
    ours, theirs = params.priority, found[1]["priority"]["configured"]
    if not params.preempt or ours <= theirs:
        why = "`preempt: false`" if not params.preempt else f"priority {ours} is not above its {theirs}"
        yield Obstacle(
            f"{name} would not come back from {found[0]['node']}: {why}",
            "vip-sidecar failover, here and later there",
        )
