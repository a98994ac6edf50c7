"""All rules across the entries of a file."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sidecar.config.across.checks import check_names, unused
from sidecar.config.across.docker import without_engine
from sidecar.config.across.pools import pools_apart
from sidecar.config.across.routers import no_vip_among_hosts, one_macvlan_each, side_by_side
from sidecar.config.across.sync_groups import Groups, sync_groups, unlike_members
from sidecar.config.across.weights import weights
from sidecar.config.check.base import CheckModel
from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.pool.pool import Pool
from sidecar.config.router.virtual_router import VirtualRouter


@dataclass(frozen=True, slots=True)
class Parts:
    """The entries of a file by section and name. The names are those of all, also of unreadable ones."""

    routers: Mapping[str, Entry[VirtualRouter]]
    checks: Mapping[str, Entry[CheckModel]]
    pools: Mapping[str, Entry[Pool]]
    groups: Groups
    router_names: AbstractSet[str]
    check_names: AbstractSet[str]
    has_docker: bool


def across(parts: Parts) -> Iterator[Finding]:
    """Return what is wrong with entries beside each other."""
    routers = tuple(parts.routers.values())
    for router in routers:
        yield from check_names(router, parts.check_names)
        yield from weights(router, parts.checks)
    yield from side_by_side(routers)
    yield from one_macvlan_each(routers)
    yield from no_vip_among_hosts(routers)
    yield from unused(parts.checks, routers)
    yield from sync_groups(parts.groups, parts.router_names)
    yield from unlike_members(parts.groups, parts.routers, parts.check_names)
    yield from pools_apart(parts.pools)
    if not parts.has_docker:
        yield from without_engine(parts.checks.values(), parts.pools.values())
