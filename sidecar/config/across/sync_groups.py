"""Rules about sync groups: virtual routers that are MASTER on one host together."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, did_you_mean, quoted
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.config.rules import no_label, warning

Groups = Mapping[str, tuple[str, ...]]
_LEAST = 2


def readable_groups(raw: object) -> dict[str, tuple[str, ...]]:
    """The groups that are lists of names; what else stands in the section has been reported as no list."""
    groups = raw if isinstance(raw, dict) else {}
    return {name: tuple(map(str, names)) for name, names in groups.items() if _are_names(names)}


def _are_names(names: object) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def sync_groups(groups: Groups, known: AbstractSet[str]) -> Iterator[Finding]:
    """A group has a name and at least two virtual routers, and a virtual router at most one group."""
    homes: dict[str, str] = {}
    for group, names in groups.items():
        path = ("sync_groups", group)
        yield from no_label(path, "group")
        if len(set(names)) < _LEAST:
            message = "a group moves together, so it has at least two routers; name them, or remove the group"
            yield Finding(path, "sync-group-size", message)
        for index, name in enumerate(names):
            yield from _member((*path, index), name, known, homes)


def _member(
    path: tuple[str, str, int], name: str, known: AbstractSet[str], homes: dict[str, str]
) -> Iterator[Finding]:
    _, group, _ = path
    if name not in known:
        hint = did_you_mean(name, known) or f"; the routers here are {', '.join(sorted(known))}"
        yield Finding(path, "unknown-router", f"there is no virtual router {quoted(name)}{hint}")
    elif name in homes:
        where = "this group" if homes[name] == group else f"group {quoted(homes[name])}"
        message = f"{quoted(name)} is in {where} already; a router can be in one group, once"
        yield Finding(path, "router-twice", message)
    homes.setdefault(name, group)


def unlike_members(
    groups: Groups, routers: Mapping[str, Entry[VirtualRouter]], checks: Iterable[str]
) -> Iterator[Finding]:
    """The slowest member decides for all, so what decides for one should decide for all."""
    every = frozenset(checks)
    for group, names in groups.items():
        members = [(index, routers[name]) for index, name in enumerate(names) if name in routers]
        for index, entry in members[1:]:
            for code, message in _differences(entry, members[0][1], every):
                yield warning(("sync_groups", group, index), code, message)


def _differences(
    entry: Entry[VirtualRouter], first: Entry[VirtualRouter], every: AbstractSet[str]
) -> Iterator[tuple[str, str]]:
    wrong, ours, theirs, other = entry.wrong | first.wrong, entry.model, first.model, quoted(first.path[-1])
    if "priority" not in wrong and ours.priority != theirs.priority:
        message = f"has priority {ours.priority}, and {other} {theirs.priority}"
        yield "sync-priority", f"{message}: who is best for one alone serves neither; write the same"
    if "checks" not in wrong and _checks(ours, every) != _checks(theirs, every):
        message = f"has other checks than {other}, and what fails for one moves both, or by weight neither"
        yield "sync-checks", f"{message}; write the same"
    if wrong.isdisjoint({"preempt", "preempt_delay"}) and _patience(ours) != _patience(theirs):
        message = f"preempts otherwise than {other}, and the slower one decides for both; write the same"
        yield "sync-preempt", message


def _checks(router: VirtualRouter, every: AbstractSet[str]) -> AbstractSet[str]:
    return every if router.checks is None else frozenset(router.checks)


def _patience(router: VirtualRouter) -> tuple[bool, float]:
    return router.preempt, router.preempt_delay
