"""Checks and the virtual routers that depend on them."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from sidecar.config.check.base import CheckModel
from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, did_you_mean, quoted
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.config.rules import warning


def check_names(entry: Entry[VirtualRouter], known: AbstractSet[str]) -> Iterator[Finding]:
    """`checks` names checks that exist, each once."""
    if "checks" in entry.wrong:
        return
    names = entry.model.checks or ()
    for index, name in enumerate(names):
        path = (*entry.path, "checks", index)
        if name not in known:
            hint = (
                did_you_mean(name, known)
                or f"; add it under the top-level `checks:`, or remove {quoted(name)}"
            )
            yield Finding(path, "unknown-check", f"there is no check {quoted(name)}{hint}")
        elif name in names[:index]:
            yield Finding(
                path, "check-twice", f"{quoted(name)} is already in this list; remove one of the two"
            )


def unused(
    checks: Mapping[str, Entry[CheckModel]], routers: Iterable[Entry[VirtualRouter]]
) -> Iterator[Finding]:
    """A check that no router names decides nothing."""
    routers = tuple(routers)
    if not routers or any("checks" in r.wrong or r.model.checks is None for r in routers):
        return
    named = {name for router in routers for name in router.model.checks or ()}
    if named - checks.keys():
        return
    for name, entry in checks.items():
        if name not in named:
            message = (
                f"no virtual router names check {quoted(name)}, so it decides nothing; name it, or remove it"
            )
            yield warning(entry.path, "check-unused", message, at_key=True)
