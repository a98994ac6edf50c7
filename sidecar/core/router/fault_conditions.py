"""The causes of FAULT: obstacles to holding the VIPs at all.

A fault ends when its cause was tried and is gone, never by time alone. Most causes can be seen, in the
state of the router: they end when they are seen to be gone. A refusal of the kernel cannot. Asking again
would take the VIPs from the host that serves, so the kernel is asked again when this router would
serve, and the answer decides: it serves, or it stays in FAULT.
"""

from sidecar.core.params import RouterParams
from sidecar.core.router.address_faults import address_fault, named
from sidecar.core.router.router_state import RouterState
from sidecar.core.state import Reason


def look(params: RouterParams, router: RouterState) -> tuple[Reason, str] | None:
    """Return the first cause and a sentence about it, None if there is none."""
    found = seen(params, router)
    router.refusal.explain(seen=found is not None)
    if found is None and router.refusal.why:
        return Reason.VIP, f"{router.refusal.why}; the kernel is asked again when this host would serve"
    return found


def seen(params: RouterParams, router: RouterState) -> tuple[Reason, str] | None:
    """Return the first cause that can be seen."""
    link = router.link
    if link is None:
        return Reason.LINK, router.missing or f"interface {params.interface} does not exist"
    name = named(params, link)
    if not link.up:
        return Reason.LINK, f"interface {name} is down"
    if link.listen_error:
        return Reason.LINK, f"cannot listen on {name}: {link.listen_error}"
    fault = address_fault(params, router, link)
    if fault is not None:
        return fault
    if router.lease.stuck:
        return Reason.VIP, "the kernel does not remove the VIP"
    if router.lease.obstacle:
        return Reason.VIP, router.lease.obstacle
    if router.answered:
        return Reason.VIP, router.answered
    return None
