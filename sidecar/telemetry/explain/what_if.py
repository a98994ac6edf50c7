"""Consequences of a supposition: a copy of the core is made from the pictures and stepped on.

The router process knows nothing of it. The copy is dropped with the answer.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from sidecar.core.params import NodeParams, RouterParams, master_down_interval
from sidecar.core.snapshot import RouterSnapshot, Snapshot
from sidecar.core.state import State
from sidecar.core.what_if.future import Future
from sidecar.core.what_if.future import Move as Moved
from sidecar.core.what_if.supposition import CheckIs
from sidecar.telemetry.explain import document
from sidecar.telemetry.explain.others import others
from sidecar.telemetry.explain.router import explained
from sidecar.telemetry.explain.subject import SHORTEST_AGE, Subject, subject
from sidecar.telemetry.explain.suppositions import suppositions
from sidecar.telemetry.explain.unexplained import Unexplained
from sidecar.telemetry.explain.words import clock, span
from sidecar.telemetry.status_store import View

BRIEF: Final = 0.05
"""Seconds within which a move comes at once."""


def what_if(of: Subject, words: Iterable[str]) -> document.WhatIf:
    """Return what would follow for a router. Raises Unexplained."""
    supposed = list(words)
    wanted = suppositions(supposed, of)
    group = _group(of)
    for each in group:
        _can_be_copied(each)
    shown = _recent(of.view, group)
    future = Future(_params(group), shown, of.view.now)
    future.suppose(wanted)
    horizon = 3 * master_down_interval(1, max(of.router.contention.interval, of.interval), of.router.version)
    future.live(of.view.now + horizon)
    moves = [move for move in future.moves if move.router == of.router.name]
    names = {each.check for each in wanted if isinstance(each, CheckIs)}
    then = explained(_then(of, future.latest, names))
    then["others"] = others(of)  # nothing is supposed of them, and the ages are those of now
    return {
        "supposed": supposed,
        "router": of.router.name,
        "horizon_seconds": round(horizon, 3),
        "moves": [_move(move, of) for move in moves],
        "then": then,
        "sentence": _sentence(of, moves),
    }


def _group(of: Subject) -> list[Subject]:
    """Return the routers that move together with this one, itself among them."""
    names = of.view.rules.group(of.router.name)
    found = [subject(of.view, each) for each in of.view.snapshot.routers if each.name in names]
    return [each for each in found if each is not None]


def _can_be_copied(of: Subject) -> None:
    router, view = of.router, of.view
    again = "ask again in a second"
    if not view.current:
        raise Unexplained(f"the router last told {span(view.picture_age)} ago how it stands; {again}")
    if router.state is State.INIT or view.snapshot.stopping:
        raise Unexplained(f"{router.name} is starting or stopping; {again}")
    if of.moving or (router.state is not State.MASTER and router.owned):
        raise Unexplained(f"{router.name} is about to move; {again}")
    if router.state is State.MASTER and router.masters_observed > 1:
        raise Unexplained(
            f"{router.masters_observed} hosts serve {router.name} at the same time, and what follows depends "
            "on the other one; `vip-sidecar status` names it"
        )


def _params(group: list[Subject]) -> NodeParams:
    """Return the parameters of a copy of these routers. Parameters outside the election have any value."""
    first = group[0]
    checks = {check.rules.name: check.rules for each in group for check in each.checks}
    groups = (tuple(each.router.name for each in group),) if len(group) > 1 else ()
    return NodeParams(first.view.snapshot.node, tuple(map(_router, group)), tuple(checks.values()), groups)


def _router(of: Subject) -> RouterParams:
    rules, router = of.rules, of.router
    weights = [check.rules.weight for check in of.checks]
    return RouterParams(
        name=router.name,
        interface=router.interface,
        vrid=router.vrid,
        priority=router.priority,
        addresses=router.vips,
        interval_cs=rules.interval_cs,
        version=router.version,
        preempt=rules.preempt,
        preempt_delay=rules.preempt_delay,
        checks=rules.checks,
        weights=tuple(weight for weight in weights if weight is not None),
        damping=rules.damping,
        hosts=router.hosts,
    )


def _recent(view: View, group: list[Subject]) -> Snapshot:
    """Return the picture from which the copy is made.

    Of adverts that come more often than they are told, the last one came within their interval.
    """
    until = view.drained.until if view.drained is not None else None
    drained = None if until is None else view.now + until - view.wall
    return replace(view.snapshot, routers=tuple(map(_fresh, group)), drained_until=drained)


def _fresh(of: Subject) -> RouterSnapshot:
    router, master = of.router, of.router.master
    if (
        master is None
        or master.interval >= SHORTEST_AGE
        or (of.master is None and router.state is not State.MASTER)
    ):
        return router
    least = of.view.now - master.interval
    heard = replace(master, heard_at=max(master.heard_at, least))
    began = max(router.waits_since, least) if router.waits_since >= master.heard_at else router.waits_since
    return replace(router, master=heard, waits_since=began)


def _then(of: Subject, shown: Snapshot, supposed: set[str]) -> Subject:
    """Return the copy at the end as a subject: with the results of all checks but the supposed ones."""
    view, now = of.view, shown.at
    real = {check.name: check for check in view.snapshot.checks}
    checks = tuple(each if each.name in supposed else real[each.name] for each in shown.checks)
    (copy,) = (each for each in shown.routers if each.name == of.router.name)
    router = replace(
        copy, mismatches=of.router.mismatches, other_hosts=of.router.other_hosts, mode=of.router.mode
    )
    later = replace(
        view,
        snapshot=replace(shown, routers=(router,), checks=checks),
        now=now,
        wall=view.at_wall(now),
        drained=view.drained if router.judged.drained else None,
    )
    found = subject(later, router)
    if found is None:  # the rules are those of the same view
        raise Unexplained("a reload is under way; ask again in a second")
    return found


def _move(move: Moved, of: Subject) -> document.Move:
    at, left = of.view.at_wall(move.at), max(0.0, move.at - of.view.now)
    when = "at once" if left < BRIEF else f"in {span(left)}, at {clock(at, of.view.wall)}"
    return {
        "at": round(at, 3),
        "in_seconds": round(left, 3),
        "old": move.old.value,
        "new": move.new.value,
        "reason": move.reason.value,
        "sentence": f"{when}: {move.old.value} -> {move.new.value} ({move.reason.value}), {move.detail}",
    }


def _sentence(of: Subject, moves: list[Moved]) -> str:
    """Say in one sentence what would follow."""
    node, router = of.view.snapshot.node, of.router
    if not moves:
        return f"{node} would stay {router.state.value} for {router.name}"
    left = next((each.at for each in moves if each.old is State.MASTER), None)
    back = next((each.at for each in moves if each.new is State.MASTER), None)
    name, now = router.name, of.view.now
    if left is not None and back is not None and left < back:
        again = f"take it back {span(back - left)} later if no other host has taken over by then"
        return f"{node} would give {name} up {_after(left - now)}, and {again}"
    if back is not None:
        return f"{node} would take over {name} {_after(back - now)}"
    if left is not None:
        return f"{node} would give {name} up {_after(left - now)}"
    return f"{node} would be {moves[-1].new.value} for {name}"


def _after(seconds: float) -> str:
    return "at once" if seconds < BRIEF else f"after {span(seconds)}"
