"""A supposed future begins with what is known of the master, and is shown as it is supposed."""

from sidecar.core.events import VipsHeld
from sidecar.core.params import NodeParams, master_down_interval
from sidecar.core.snapshot import Snapshot
from sidecar.core.state import State
from sidecar.core.what_if.future import Future
from sidecar.core.what_if.supposition import PeerResigns, PriorityIs
from tests.unit.core.stage import DROPPED, backup, heard, router

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


def test_a_resignation_that_was_believed_wrongly_once_is_not_believed_in_the_future_either() -> None:
    """The master advertised on after its priority 0: it is waited for as if it had said nothing."""
    node = backup(100)
    node.step([heard(200)], 1.0)
    node.step([heard(0)], 2.0)
    took_over = node.deadline
    node.step([], took_over)
    node.step([VipsHeld("web", took_over)], took_over)
    node.step([heard(200)], took_over + 0.1)
    node.step([DROPPED], took_over + 0.1)
    now = took_over + 0.2
    supposed = Future(NodeParams("a", (router(100),)), node.snapshot(now), now)
    supposed.suppose([PeerResigns()])
    supposed.live(20.0)
    (move,) = supposed.moves
    assert move.at == took_over + 0.1 + WAIT
