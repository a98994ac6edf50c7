"""One virtual router, explained. Pure."""

from sidecar.core.snapshot import RouterSnapshot
from sidecar.telemetry.document import Next
from sidecar.telemetry.explain import document
from sidecar.telemetry.explain.because import because, commands
from sidecar.telemetry.explain.fitness import fit
from sidecar.telemetry.explain.others import others
from sidecar.telemetry.explain.priority import priority
from sidecar.telemetry.explain.spans import spans
from sidecar.telemetry.explain.subject import Subject
from sidecar.telemetry.explain.words import clock, span
from sidecar.telemetry.next_step import next_step


def explained(of: Subject) -> document.Router:
    """Return the explanation of a router."""
    router, view = of.router, of.view
    lasted = max(0.0, view.now - router.since)
    return {
        "name": router.name,
        "vrid": router.vrid,
        "interface": router.interface,
        "version": router.version,
        "addresses": [str(vip) for vip in router.vips],
        "state": router.state.value,
        "since": round(view.at_wall(router.since), 3),
        "for_seconds": round(lasted, 3),
        "sentence": f"{view.snapshot.node} is {router.state.value} for {_named(router)}, since {_since(of)}",
        "because": because(of),
        "changed": {
            "sentence": router.reason,
            "at": round(view.at_wall(router.since), 3),
            "for_seconds": round(lasted, 3),
        },
        "fit": fit(of),
        "priority": priority(of),
        "spans": spans(of),
        "next": _next(of),
        "others": others(of),
        "commands": commands(of),
    }


def _next(of: Subject) -> Next:
    """Return the next step, and its moment as a clock where that is told as seconds alone."""
    told, view = next_step(of.router, of.view.now, of.view.wall), of.view
    at, left = told["at"], told["in_seconds"]
    if at is None or left is None or left <= 0 or "UTC" in told["sentence"]:
        return told
    return {**told, "sentence": f"{told['sentence']}: at {clock(at, view.wall)}"}


def _named(router: RouterSnapshot) -> str:
    first, *more = router.vips
    also = f" and {len(more)} more" if more else ""
    return f"{router.name} (VRID {router.vrid} on {router.interface}, {first}{also})"


def _since(of: Subject) -> str:
    view, since = of.view, of.router.since
    return f"{clock(view.at_wall(since), view.wall)}, {span(view.now - since)} ago"
