"""The whole plan: what the router gets, and what the observer gets."""

from dataclasses import dataclass

from sidecar.core.params import NodeParams
from sidecar.plan.check import AnyCheck
from sidecar.plan.pool import Pool
from sidecar.plan.services import Control, Docker, Http, Log


@dataclass(frozen=True, slots=True)
class ObserverPlan:
    """Everything that checks, shows and keeps pools. No field can hold a key of VRRP.

    `routers` are the names of the virtual routers, in the order of the configuration. `shared_hash` are
    twelve hex digits over what all hosts must have in common. `warnings` are sentences for the log.
    """

    node: str
    routers: tuple[str, ...] = ()
    checks: tuple[AnyCheck, ...] = ()
    pools: tuple[Pool, ...] = ()
    http: Http = Http()
    control: Control = Control()
    docker: Docker | None = None
    log: Log = Log()
    shared_hash: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What one configuration file means on this host. `node` holds the keys and is for the router alone."""

    node: NodeParams
    observer: ObserverPlan
