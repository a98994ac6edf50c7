"""The explanation of virtual routers, made from one view. Pure: it changes nothing."""

from collections.abc import Sequence
from typing import Final

from sidecar.telemetry.explain import document
from sidecar.telemetry.explain.router import explained
from sidecar.telemetry.explain.subject import Subject, subject
from sidecar.telemetry.explain.unexplained import Unexplained
from sidecar.telemetry.explain.what_if import what_if
from sidecar.telemetry.explain.words import span
from sidecar.telemetry.status_store import View

MOST_COPIES: Final = 8
"""Routers that may be asked what if at once."""


def explain(view: View, name: str | None = None, supposed: Sequence[str] = ()) -> document.Explanation:
    """Return the explanation of all routers, or of the one of this name; or what would follow for them.

    Raises Unexplained.
    """
    found = subjects(view, name)
    if supposed and len(found) > MOST_COPIES:
        raise Unexplained(
            f"name one of the {len(found)} virtual routers: vip-sidecar explain ROUTER --if ..."
        )
    return {
        "at": round(view.wall, 3),
        "node": view.snapshot.node,
        "version": view.version,
        "old": _old(view),
        "virtual_routers": [] if supposed else [explained(each) for each in found],
        "what_if": [what_if(each, supposed) for each in found] if supposed else [],
    }


def subjects(view: View, name: str | None) -> list[Subject]:
    """Return what is known of all routers, or of the one of this name. Raises Unexplained."""
    named = [each for each in view.snapshot.routers if name in (None, each.name)]
    if not named:
        names = ", ".join(each.name for each in view.snapshot.routers)
        raise Unexplained(f"there is no virtual router {name!r}; there are: {names}")
    found = [subject(view, each) for each in named]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        raise Unexplained("a reload is under way; ask again in a second")
    return known


def _old(view: View) -> str | None:
    if view.current:
        return None
    return f"the router last told {span(view.picture_age)} ago how it stands: what is said here may be over"
