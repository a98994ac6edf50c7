"""The configuration as plain data: what the router gets, and what the observer gets."""

from sidecar.config.load import Loaded
from sidecar.config.model import Config
from sidecar.config.mounted_file import mounted_alone
from sidecar.config.notes import host_findings, of_the_file
from sidecar.config.params import node_params, shared_hash
from sidecar.config.pool.plan import pool_plan
from sidecar.plan.plan import FromEnvironment, ObserverPlan, Plan
from sidecar.plan.rules import rules_of
from sidecar.plan.services import Control, Docker, Exposition, Http, Log, LogFormat, LogLevel, State


def plan_of(loaded: Loaded) -> Plan:
    """Return what the file means on this host, with all warnings. Asks the kernel what this host has."""
    node = node_params(loaded.config)
    notes = (*of_the_file(loaded.config), *host_findings(node.routers))
    warnings = (*map(str, (*loaded.warnings, *notes)), *mounted_alone(loaded.path))
    return Plan(node, observer_plan(loaded.config, warnings, loaded.from_environment))


def observer_plan(
    config: Config,
    warnings: tuple[str, ...] = (),
    from_environment: tuple[FromEnvironment, ...] = (),
) -> ObserverPlan:
    """Return what the observer gets. No key is in it."""
    params = node_params(config)
    return ObserverPlan(
        node=config.node,
        routers=tuple(config.virtual_routers),
        checks=tuple(check.plan(name) for name, check in config.checks.items()),
        pools=tuple(pool_plan(name, pool) for name, pool in config.pools.items()),
        metrics=Exposition(config.metrics.keepalived_names),
        http=Http(config.http.listen),
        control=Control(str(config.control.socket)),
        state=State(None if config.state.dir is None else str(config.state.dir)),
        docker=None if config.docker is None else Docker(config.docker.url),
        log=Log(LogFormat(config.log.format), LogLevel(config.log.level)),
        shared_hash=shared_hash(config),
        warnings=warnings,
        from_environment=from_environment,
        nodes=tuple(dict.fromkeys(config.nodes)),
        rules=tuple(map(rules_of, params.routers)),
        sync_groups=params.sync_groups,
        hooks=tuple(
            router.hooks.plan(name, tuple(map(str, router.addresses)))
            for name, router in config.virtual_routers.items()
            if router.hooks is not None
        ),
    )
