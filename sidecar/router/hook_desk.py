"""Hooks on their way: asked of the observer, and answered for one that is not there.

Nothing is waited for here. A hook that nobody can run is skipped at once, so that the core need not wait for
the end of its time, and one that was lost with its observer is told to the next one, which counts it.
"""

from collections.abc import Callable
from typing import Final, Protocol

from sidecar.channel.down import Down, HookAsked, HookSkipped
from sidecar.channel.send_queue import Importance
from sidecar.core.actions import CancelHook, RunHook
from sidecar.core.events import Event, HookEnded
from sidecar.core.health.observer_events import ObserverSilent, ObserverStarted
from sidecar.core.hook import Hook, HookResult

MOST: Final = 1024
"""Hooks that are remembered: what is more was asked of an observer that ends none."""

_Name = tuple[str, Hook, float, str]


class Observer(Protocol):
    """What is known of the observer (supervisor.py)."""

    restarts: int

    @property
    def at_work(self) -> bool:
        """Whether there is one that has said so lately."""


class HookDesk:
    """`tell` tells the observer, `post` tells the core in its next step."""

    def __init__(
        self,
        observer: Observer,
        tell: Callable[[Down, Importance], None],
        post: Callable[[Event], object],
        clock: Callable[[], float],
    ) -> None:
        self._observer = observer
        self._tell = tell
        self._post = post
        self._clock = clock
        self._asked: dict[_Name, RunHook] = {}

    def perform(self, command: RunHook | CancelHook) -> None:
        """Carry out a command of the core."""
        if isinstance(command, CancelHook):
            if self._observer.at_work:
                self._tell(command, Importance.LOUD)
        elif self._observer.at_work:
            if len(self._asked) < MOST:
                self._asked[_name(command)] = command
            self._tell(HookAsked(self._observer.restarts, command), Importance.LOUD)
        else:
            self._answer(command, HookResult.SKIPPED)
            self._tell(HookSkipped(self._clock(), command, HookResult.SKIPPED), Importance.LOUD)

    def heard(self, event: object) -> None:
        """The observer has said something, or something is known of it."""
        match event:
            case HookEnded(router, hook, asked_at):
                for name in [name for name in self._asked if name[:3] == (router, hook, asked_at)]:
                    del self._asked[name]
            case ObserverSilent():
                for run in self._asked.values():
                    self._answer(run, HookResult.LOST)
            case ObserverStarted():
                asked, self._asked = self._asked, {}
                for run in asked.values():
                    self._tell(HookSkipped(self._clock(), run, HookResult.LOST), Importance.LOUD)
            case _:
                pass

    def _answer(self, run: RunHook, result: HookResult) -> None:
        if run.hook.waited_for:
            self._post(HookEnded(run.router, run.hook, run.asked_at, result, "there is no observer"))


def _name(run: RunHook) -> _Name:
    return run.router, run.hook, run.asked_at, run.check
