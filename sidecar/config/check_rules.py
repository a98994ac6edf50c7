"""Rules about checks beside the virtual routers that depend on them."""

from collections.abc import Iterator, Mapping, Sequence

from sidecar.config.check.base import CheckModel
from sidecar.config.mistake import Finding, Severity, quoted
from sidecar.config.router_model import VirtualRouter
from sidecar.config.shape import Entry


def unused(
    checks: Mapping[str, Entry[CheckModel]], routers: Sequence[Entry[VirtualRouter]]
) -> Iterator[Finding]:
    """A check that no router names decides nothing."""
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
            yield Finding(entry.path, "check-unused", message, Severity.WARNING, at_key=True)
