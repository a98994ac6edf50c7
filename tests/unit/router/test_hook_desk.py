"""Hooks on their way to the observer: asked, skipped where nobody can run them, lost with an observer."""

from dataclasses import dataclass, field
from math import inf

from sidecar.channel.down import Down, HookAsked, HookSkipped
from sidecar.channel.send_queue import Importance
from sidecar.core.actions import CancelHook, RunHook
from sidecar.core.events import Event, HookEnded
from sidecar.core.health.observer_events import ObserverSilent, ObserverStarted
from sidecar.core.hook import Hook, HookResult
from sidecar.core.state import State
from sidecar.router.hook_desk import MOST, HookDesk

PRE = RunHook("web", Hook.PRE_ACQUIRE, 5.0, State.MASTER, 250, 5.5)
POST = RunHook("web", Hook.POST_ACQUIRE, 5.0, State.MASTER, 250, inf)


@dataclass
class Observer:
    """What the desk knows of it."""

    at_work: bool = True
    restarts: int = 2
    told: list[Down] = field(default_factory=list)
    heard: list[Event] = field(default_factory=list)

    def desk(self) -> HookDesk:
        def tell(message: Down, _: Importance) -> None:
            self.told.append(message)

        return HookDesk(self, tell, self.heard.append, lambda: 9.0)


def test_a_hook_is_asked_of_the_observer_that_is_at_work() -> None:
    observer = Observer()
    desk = observer.desk()
    desk.perform(PRE)
    desk.perform(CancelHook("web", 5.0))
    assert observer.told == [HookAsked(2, PRE), CancelHook("web", 5.0)]
    assert observer.heard == []


def test_without_an_observer_it_is_skipped_at_once_and_told_to_the_next_one() -> None:
    observer = Observer(at_work=False)
    desk = observer.desk()
    desk.perform(PRE)
    desk.perform(POST)
    desk.perform(CancelHook("web", 5.0))
    (answer,) = observer.heard
    assert isinstance(answer, HookEnded)
    assert (answer.hook, answer.asked_at, answer.result) == (PRE.hook, 5.0, HookResult.SKIPPED)
    assert observer.told == [HookSkipped(9.0, each, HookResult.SKIPPED) for each in (PRE, POST)]


def test_what_is_lost_with_an_observer_is_waited_for_no_more_and_counted_by_the_next_one() -> None:
    observer = Observer()
    desk = observer.desk()
    desk.perform(PRE)
    desk.perform(POST)
    observer.told.clear()
    desk.heard(ObserverSilent(6.0))
    assert [type(each) for each in observer.heard] == [HookEnded]
    assert observer.told == []
    desk.heard(ObserverStarted())
    assert observer.told == [HookSkipped(9.0, each, HookResult.LOST) for each in (PRE, POST)]


def test_what_has_ended_is_not_lost() -> None:
    observer = Observer()
    desk = observer.desk()
    desk.perform(PRE)
    desk.heard(HookEnded("web", Hook.PRE_ACQUIRE, 5.0, HookResult.OK))
    observer.told.clear()
    desk.heard(ObserverSilent(6.0))
    desk.heard(ObserverStarted())
    assert observer.heard == []
    assert observer.told == []


def test_an_observer_that_ends_nothing_does_not_fill_the_memory() -> None:
    observer = Observer()
    desk = observer.desk()
    for number in range(MOST + 10):
        desk.perform(RunHook("web", Hook.ON_CHECK, float(number), State.MASTER, 250, inf, "nginx", True))
    observer.told.clear()
    desk.heard(ObserverStarted())
    assert len(observer.told) == MOST
