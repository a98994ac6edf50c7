"""Which virtual router of new parameters is which of the present ones.

A router with the same identity keeps its role, its VIPs and its peers, and gets new parameters. Any other one
ends, or begins: with another VRID, version, interface, family or MAC address it is another router to its
peers and to the kernel, whatever its name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sidecar.core.params import NodeParams, RouterParams


class RouterIdentity(NamedTuple):
    """The identity of a virtual router. `interface` is written as in the configuration."""

    interface: str
    family: int
    vrid: int
    version: int
    virtual_mac: bool


def identity(router: RouterParams) -> RouterIdentity:
    """Return the identity of a router."""
    return RouterIdentity(router.interface, router.family, router.vrid, router.version, router.virtual_mac)


@dataclass(frozen=True, slots=True)
class Matched:
    """`kept`: present and new parameters of the same router. The others end, or begin."""

    kept: tuple[tuple[RouterParams, RouterParams], ...]
    ended: tuple[RouterParams, ...]
    begun: tuple[RouterParams, ...]


def match(old: Iterable[RouterParams], new: Iterable[RouterParams]) -> Matched:
    """Match present routers with new ones. No two of either may have the same identity."""
    before = {identity(router): router for router in old}
    after = {identity(router): router for router in new}
    return Matched(
        kept=tuple((before[key], router) for key, router in after.items() if key in before),
        ended=tuple(router for key, router in before.items() if key not in after),
        begun=tuple(router for key, router in after.items() if key not in before),
    )


def groups_formed(old: NodeParams, new: NodeParams) -> list[tuple[str, ...]]:
    """Return the new sync groups that are none of the present ones, whatever their routers are called."""
    before = {_members(old, group) for group in old.sync_groups}
    return [group for group in new.sync_groups if _members(new, group) not in before]


def _members(params: NodeParams, group: tuple[str, ...]) -> frozenset[RouterIdentity]:
    return frozenset(identity(router) for router in params.routers if router.name in group)
