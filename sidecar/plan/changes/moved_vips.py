"""VIPs that go from one virtual router of a host to another one: what then becomes of each."""

from dataclasses import replace
from typing import Final

from sidecar.core.params import RouterParams
from sidecar.core.router.identity import Matched
from sidecar.plan.changes.change import Change, Mark
from sidecar.plan.move_costs import costs_of, span

_KEY: Final = ".addresses"
_KEPT: Final = "where this host is MASTER of both it stays, and so do its connections"


def as_move(change: Change, of: RouterParams, matched: Matched) -> Change:
    """Return the end of a VIP in a router as its move to another one, any other change as it is."""
    if change.mark is not Mark.REMOVED or not change.path.endswith(_KEY):
        return change
    for _, router in matched.kept:
        # On another interface it is added anew, as the effect of that says.
        if _has(router, change.old) and _place(router) == _place(of):
            return replace(change, effect=f"the VIP {change.old} goes to router {router.name}: {_KEPT}")
    for router in matched.begun:
        if _has(router, change.old):
            effect = (
                f"the VIP {change.old} goes to router {router.name}, which begins as BACKUP: unless another "
                f"host serves that one, nobody has the VIP for {span(costs_of(router).crash)}"
            )
            return replace(change, effect=effect)
    return change


def _has(router: RouterParams, shown: str) -> bool:
    return any(str(vip.ip) == shown.partition("/")[0] for vip in router.addresses)


def _place(router: RouterParams) -> tuple[str, bool]:
    return router.interface, router.virtual_mac
