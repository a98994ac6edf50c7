"""The configuration as the core wants it, and the mark by which two hosts see that theirs agree."""

import hashlib
import json

from sidecar.config.model import POLLED, Check, Config, VirtualRouter
from sidecar.core.params import CheckParams, NodeParams, RouterParams, Unicast

MIN_MAX_AGE = 2.0
"""Seconds below which no result is called stale: a busy machine must not fail a fast check."""


def node_params(config: Config) -> NodeParams:
    """All the core needs. A router without `checks` depends on every check."""
    return NodeParams(
        node=config.node,
        routers=tuple(_router(name, r, tuple(config.checks)) for name, r in config.virtual_routers.items()),
        checks=tuple(_check(name, check) for name, check in config.checks.items()),
    )


def _router(name: str, router: VirtualRouter, all_checks: tuple[str, ...]) -> RouterParams:
    unicast = router.unicast
    return RouterParams(
        name=name,
        interface=router.interface,
        vrid=router.vrid,
        priority=router.priority,
        addresses=router.addresses,
        interval_cs=round(router.advert_interval * 100),
        preempt=router.preempt,
        preempt_delay=router.preempt_delay,
        unicast=Unicast(unicast.source, unicast.peers) if unicast else None,
        v4_pseudo_header=router.v4_pseudo_header,
        checks=all_checks if router.checks is None else router.checks,
    )


def _check(name: str, check: Check) -> CheckParams:
    return CheckParams(
        name=name,
        kind=check.kind,
        rise=check.rise,
        fall=check.fall,
        weight=check.weight,
        max_age=max(MIN_MAX_AGE, 3 * check.interval + check.deadline) if check.kind in POLLED else None,
    )


def shared_hash(config: Config) -> str:
    """Twelve hex digits (48 bits, exact in a float) over the settings that must be equal on all hosts.

    Node name, interface, priority, preemption, checks and the order of addresses may differ. Unicast
    source and peers count as one set, which is the same on every host of a full mesh.
    """
    shared = sorted(_shared(router) for router in config.virtual_routers.values())
    return hashlib.sha256(json.dumps(shared).encode()).hexdigest()[:12]


def _shared(router: VirtualRouter) -> list[object]:
    mesh = {router.unicast.source, *router.unicast.peers} if router.unicast else set()
    return [
        router.vrid,
        router.version,
        round(router.advert_interval * 100),
        sorted(str(vip.ip) for vip in router.addresses),
        sorted(str(host) for host in mesh),
        router.v4_pseudo_header,
    ]
