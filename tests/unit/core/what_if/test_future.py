"""A supposed future begins with what is known of the master, and is shown as it is supposed."""

from sidecar.core.params import NodeParams, master_down_interval
from sidecar.core.snapshot import Snapshot
from sidecar.core.state import State
from sidecar.core.what_if.future import Future
from sidecar.core.what_if.supposition import PriorityIs
from tests.unit.core.stage import backup, heard, router

WAIT = master_down_interval(100, 1.0)


def shown(now: float) -> Snapshot:
    """A backup whose master of priority 200 was heard at 1.0 for the last time."""
    node = backup(100)
    node.step([heard(200)], 1.0)
    return node.snapshot(now)


def future(now: float) -> Future:
    return Future(NodeParams("a", (router(100),)), shown(now), now)


def test_a_master_that_has_just_advertised_goes_on() -> None:
    following = future(1.5)
    following.live(20.0)
    assert following.moves == []


def test_a_master_that_is_silent_stays_silent() -> None:
    waiting = future(3.2)
    waiting.live(20.0)
    (move,) = waiting.moves
    assert (move.new, move.at) == (State.MASTER, 1.0 + WAIT)
    assert waiting.latest.routers[0].state is State.MASTER


def test_what_is_supposed_is_shown_before_anything_moves() -> None:
    following = future(1.5)
    following.suppose([PriorityIs(150)])
    assert following.latest.routers[0].effective_priority == 150
