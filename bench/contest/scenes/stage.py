"""A stage on which the best host serves, and what all scenes look at."""

import math
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bench.contest.contenders import Contender, Stage, Terms
from bench.contest.row import Result, Scene
from bench.steady import phase, steady
from tests.netns.bounds import SLOWER
from tests.netns.lab import CLOSELY
from tests.netns.sightings import Sighting, longest_gap

LOOK_ON = 0.5
"""Seconds to look on after the new host has answered: a second gap counts too."""
_LOOK_BACK = 1000
"""Tries of the client before an event among which is the last answer before it."""


def scene(terms: Terms, once: Callable[[Stage], Result]) -> Scene:
    """Return the scene in which host a serves alone before each run, which begins at a phase of its own."""

    @contextmanager
    def opened(contender: Contender) -> Iterator[Callable[[int], Result]]:
        with Stage(contender, terms, CLOSELY) as stage:
            stage.start()

            def run(number: int) -> Result:
                steady(stage)
                stage.watch_for(phase(number, terms.interval))
                return once(stage)

            yield run

    return opened


def gap_until(stage: Stage, server: str, mark: int, since: float) -> float:
    """Wait until a host answers. Return the longest time without an answer since the event at `mark`."""
    stage.await_server(server, mark=mark)
    stage.watch_for(LOOK_ON)
    return gap(stage, mark, since)


def gap(stage: Stage, mark: int, since: float) -> float:
    """Return the longest time without an answer since the event at `mark`."""
    return longest_gap(stage.client.since(max(0, mark - _LOOK_BACK)), since)


def seen(stage: Stage, within: float, mark: int, kind: str, host: str, **about: object) -> Sighting | None:
    """Wait so many seconds and not longer for an event on the LAN; None: it did not come."""
    try:
        return stage.witness.wait(lambda event: event.is_(kind, host, **about), within / SLOWER, mark)
    except TimeoutError:
        return None


def stamp(event: Sighting | None, since: float) -> float:
    """Return the seconds from a moment of the wall clock until the kernel saw a frame."""
    return math.inf if event is None else float(event.about["stamp"]) - since


class Cut:
    """Frames from and to a host stop at the switch; the command waits for its input, so it takes no time."""

    def __init__(self, stage: Stage, host: str) -> None:
        self._stage, self._port = stage, f"p-{host}"
        with self._stage.lan.switch.network():
            self._command = subprocess.Popen(["bridge", "-batch", "-"], stdin=subprocess.PIPE)  # noqa: S607 - of the system
        time.sleep(0.05)

    def cut(self) -> tuple[float, float]:
        """Cut the host off. Return when: seconds of the wall clock and of the monotonic one."""
        moments = time.time(), time.monotonic()
        self._command.communicate(self._state("disabled"))
        return moments

    def heal(self) -> None:
        """Let frames pass again."""
        switch = self._stage.lan.switch
        switch.run("bridge", "-batch", "-", stdin=self._state("forwarding").decode())

    def _state(self, name: str) -> bytes:
        return f"link set dev {self._port} state {name}\n".encode()


def last_advert(events: Sequence[Sighting], host: str, before: float) -> float:
    """Return when the kernel saw the last advert of a host before a moment: seconds of the wall clock."""
    stamps = [float(event.about["stamp"]) for event in events if event.is_("advert", host)]
    return max(each for each in stamps if each < before)
