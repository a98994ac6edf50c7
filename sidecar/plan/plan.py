"""The whole plan: what the router gets, and what the observer gets."""

from dataclasses import dataclass

from sidecar.core.params import NodeParams
from sidecar.plan.check import AnyCheck
from sidecar.plan.endpoints import Endpoint
from sidecar.plan.hooks import HookPrograms
from sidecar.plan.pool import Pool
from sidecar.plan.rules import RouterRules
from sidecar.plan.services import Control, Docker, Exposition, Http, Log, State


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """A value of the file that refers to a variable. `is_set`: the value came from it, not from a default.

    `key` is a path as in messages, `line` and `column` are counted from 1.
    """

    key: str
    line: int
    column: int
    variable: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class ObserverPlan:
    """Everything that checks, shows and keeps pools. No field can hold a key of VRRP.

    `routers` are the names of the virtual routers, in the order of the configuration. `shared_hash` are
    twelve hex digits over what all hosts must have in common. `nodes` are the status servers of all hosts,
    this one perhaps among them. `warnings` are sentences for the log. `rules` and `sync_groups` are those
    of the routers, for explanations. `hooks` are those of the routers that have any.
    `from_environment` names the values that stay as they are while the process runs, whatever is written
    into the environment of the next one.
    """

    node: str
    routers: tuple[str, ...] = ()
    checks: tuple[AnyCheck, ...] = ()
    pools: tuple[Pool, ...] = ()
    metrics: Exposition = Exposition()
    http: Http = Http()
    control: Control = Control()
    state: State = State()
    docker: Docker | None = None
    log: Log = Log()
    shared_hash: str = ""
    warnings: tuple[str, ...] = ()
    from_environment: tuple[FromEnvironment, ...] = ()
    nodes: tuple[Endpoint, ...] = ()
    rules: tuple[RouterRules, ...] = ()
    sync_groups: tuple[tuple[str, ...], ...] = ()
    hooks: tuple[HookPrograms, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One configuration file as it holds on this host. `node` holds the keys and is for the router alone."""

    node: NodeParams
    observer: ObserverPlan
