"""The steps of a drill: away, a look from the standby, back. The drain ends by itself in any case."""

import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast

from sidecar.cli.control import get
from sidecar.cli.drain import PATIENCE, command
from sidecar.cli.drill.preflight import standby
from sidecar.cli.drill.report import Drill, Move
from sidecar.cli.drill.targets import places, targets
from sidecar.cli.drill.visitor import EVERY, Visitor
from sidecar.core.params import PAIR, RouterParams, skew
from sidecar.doctor.readers.visits import visit_all
from sidecar.plan.plan import ObserverPlan
from sidecar.telemetry.document import Status

WITHIN: Final = 10.0
"""Seconds in which the VIPs must have gone."""
_LOOK: Final = 0.02
_BEFORE: Final = 0.3
"""Seconds for which a visitor is served before the first move, so that a gap has a beginning."""
_GRACE: Final = 0.05
"""What a takeover may take besides Skew_Time: the second promise of the project, in seconds."""
_EXTRA: Final = 120.0
"""Seconds after which the drain ends if nobody ends it: this process may be killed."""
_BACK: Final = 4.0
"""Advertisement intervals after which a preferred host has taken over, besides `preempt_delay`."""


class Refused(Exception):  # noqa: N818 - it is a state of affairs
    """The sidecar has refused something, and it was told why."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a drill needs: routers and checks of the configuration, and for how long the other host serves."""

    arguments: Namespace
    routers: tuple[RouterParams, ...]
    plan: ObserverPlan
    hold: float

    def status(self) -> Status:
        """Return the status of this host. Raises Unreachable."""
        code, body = get(self.arguments.socket, "/status.json", PATIENCE)
        if code != HTTPStatus.OK:
            sys.stderr.write(body.decode(errors="replace"))
            raise Refused
        return cast("Status", json.loads(body))


def perform(drill: Drill, scene: Scene, before: Status) -> None:
    """Move the VIPs away and back, and note in `drill` what happened. Raises Unreachable, Refused."""
    others = [found for router in before["virtual_routers"] if (found := standby(router, before)) is not None]
    other = others[0][0]["node"] or others[0][0]["url"]
    visitor = Visitor(places(targets(scene.routers, scene.plan, local=True)))
    visitor.start()
    try:
        time.sleep(_BEFORE)
        left = time.monotonic()
        _command(scene, f"/drain?for={scene.hold + _EXTRA:g}", scene.arguments.output)
        drill.begun = True
        try:
            gone = _await(scene, _gone)
            if gone is None:
                drill.troubles.append(
                    f"after {WITHIN:g} s this host still had VIPs: the other one did not take over"
                )
                return
            _settle(visitor, gone)
            there = time.monotonic() - left
            time.sleep(scene.hold)
            drill.visits += visit_all(targets(scene.routers, scene.plan, local=False))
            promised = _promised(scene, before)
            drill.moves.append(
                Move(drill.node, other, there, visitor.longest(left, time.monotonic()), promised)
            )
        finally:
            returning = time.monotonic()
            # A refusal goes to stderr: stdout is for the report.
            _command(scene, "/undrain", "table")
        _return(drill, scene, visitor, other, returning)
    finally:
        visitor.stop()


def _return(drill: Drill, scene: Scene, visitor: Visitor, other: str, began: float) -> None:
    """Wait until this host serves again, and note how that went."""
    slowest = max(_BACK * router.interval + router.preempt_delay for router in scene.routers)
    back = _await(scene, _serves, WITHIN + slowest)
    if back is None:
        drill.troubles.append(
            f"the VIPs did not come back within {WITHIN + slowest:.0f} s: vip-sidecar explain says why"
        )
        return
    time.sleep(_BEFORE)
    gap = visitor.longest(began, time.monotonic())
    drill.moves.append(Move(other, drill.node, back - began, gap, _GRACE + EVERY))
    drill.visits += visit_all(targets(scene.routers, scene.plan, local=True))


def _command(scene: Scene, target: str, output: str) -> None:
    outcome = command(Namespace(socket=scene.arguments.socket, output=output), target)
    if isinstance(outcome, int):
        raise Refused


def _await(scene: Scene, true: Callable[[Status], bool], within: float = WITHIN) -> float | None:
    """Return when the status of this host was as wanted, None if it was not in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if true(scene.status()):
            return time.monotonic()
        time.sleep(_LOOK)
    return None


def _settle(visitor: Visitor, gone: float) -> None:
    """Wait until visitors are served elsewhere; a moment, or as long as a takeover may take."""
    while not visitor.answered(gone) and time.monotonic() < gone + WITHIN:
        time.sleep(_LOOK)


def _gone(status: Status) -> bool:
    owned = (vip["owned"] for router in status["virtual_routers"] for vip in router["addresses"])
    return not any(owned) and all(router["master"] is not None for router in status["virtual_routers"])


def _serves(status: Status) -> bool:
    return all(
        router["state"] == "MASTER" and all(vip["owned"] for vip in router["addresses"])
        for router in status["virtual_routers"]
    )


def _promised(scene: Scene, before: Status) -> float:
    """Return for how long at most visitors wait when this host resigns: Skew_Time of the other, and 50 ms."""
    waits = [0.0]
    params = {router.name: router for router in scene.routers}
    for router in before["virtual_routers"]:
        found, own = standby(router, before), params[router["name"]]
        if found is not None and own.hosts != PAIR:
            waits.append(skew(found[1]["priority"]["configured"], own.interval, own.version))
    return max(waits) + _GRACE + EVERY
