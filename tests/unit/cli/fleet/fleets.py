"""Answers of hosts, made by hand."""

from typing import Any

from sidecar.cli.fleet.poll import Answer
from sidecar.cli.fleet.targets import Target
from tests.unit.telemetry.node_documents import told

NOW = 1_790_001_000.0
LONG_AGO = 1_789_000_000.0


def target(host: str, cluster: str = "ams1", site: str = "") -> Target:
    return Target(host, 9650, site, cluster)


def standby(host: str, cluster: str = "ams1", *, router: dict[str, Any] | None = None, **more: Any) -> Answer:
    """A host that waits."""
    return Answer(target(host, cluster), told(node=host, router=router, **more))


def master(host: str, cluster: str = "ams1", *, router: dict[str, Any] | None = None, **more: Any) -> Answer:
    """A host that has served for long."""
    facts = {"state": "MASTER", "since": LONG_AGO} | (router or {})
    return Answer(target(host, cluster), told(node=host, router=facts, owned=True, **more))


def unreadable(host: str, cluster: str = "ams1", fault: str = "no answer within 2 s") -> Answer:
    return Answer(target(host, cluster), None, fault)
