"""Two plans to a list of changes. Pure: nothing is applied here, and nothing secret is in the result."""

from sidecar.plan.changes.change import Change
from sidecar.plan.changes.checks import check_changes
from sidecar.plan.changes.hooks import hook_changes
from sidecar.plan.changes.pools import pool_changes
from sidecar.plan.changes.routers import router_changes
from sidecar.plan.changes.services import service_changes
from sidecar.plan.plan import Plan


def compare(old: Plan, new: Plan) -> tuple[Change, ...]:
    """Return what changes from the old plan to the new one: routers first, then checks, pools, services."""
    return (
        *router_changes(old.node, new.node),
        *hook_changes(old, new),
        *check_changes(old, new),
        *pool_changes(old.observer.pools, new.observer.pools),
        *service_changes(old, new),
    )
