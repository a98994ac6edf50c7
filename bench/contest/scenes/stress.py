"""Adverts of a host on a machine whose processors all have other work."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.contest.contenders import Contender, Stage, Terms
from bench.contest.row import Result, Scene
from tests.netns.sightings import advert_gaps

_STRESS = ("setpriv", "--pdeathsig", "KILL", "stress-ng", "--quiet", "--cpu", "4")
_BEGINS = 1.0
_ENDS = 10.0


@contextmanager
def stress() -> Iterator[None]:
    """Four processes calculate until the end of the block."""
    with subprocess.Popen(_STRESS, stdin=subprocess.DEVNULL) as process:  # noqa: S603 - an argument list
        try:
            time.sleep(_BEGINS)
            if process.poll() is not None:
                raise RuntimeError("stress-ng ended at once: is it installed?")
            yield
        finally:
            process.terminate()
            process.wait(_ENDS)


def adverts(interval: float, seconds: float) -> Scene:
    """Return the scene of windows of so many seconds beside stress-ng."""

    @contextmanager
    def opened(contender: Contender) -> Iterator[Callable[[int], Result]]:
        with Stage(contender, Terms(interval)) as stage:
            stage.start()
            stage.settle()
            with stress():

                def once(_: int) -> Result:
                    saw = stage.witness.mark
                    time.sleep(seconds)
                    events = stage.witness.since(saw)
                    taken = sum(event.is_("added", "b", address=stage.setup.vip) for event in events)
                    return {"longest": max(advert_gaps(events, "a")), "takeovers": float(taken)}

                yield once

    return opened
