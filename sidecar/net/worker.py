"""A thread for what the kernel keeps waiting: it carries out jobs in order, and the loop hears the outcome.

The kernel does the work of a request inside the system call that sends it, and waits there for a lock that
others may hold for 50 ms and longer. No advert must wait for that.
"""

from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from sidecar.event_loop import EventLoop
from sidecar.net.task import Result, Resume, Wait

MOST: Final = 1024
"""Jobs that may wait. More than four for each of 255 routers: then the kernel has been silent for seconds."""


class BusyError(OSError):
    """Too many jobs wait already."""


class Worker:
    """All but the jobs is for the thread of the loop. The worker's thread begins with the first job.

    It is a daemon: what hangs in the kernel does not keep the process.
    """

    def __init__(self, name: str, loop: EventLoop) -> None:
        self._name = name
        self._loop = loop
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Resume] | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._waiting = 0

    def run(self, work: Callable[[], Result]) -> Wait[Result]:
        """Have it done and wait for that; what it raises is raised. Raises BusyError.

        Nobody has to wait to the end: it is done all the same, and in order.
        """
        return Wait(partial(self._put, work))

    def submit(self, work: Callable[[], object]) -> None:
        """Have it done some time, without an answer: also when too many jobs wait."""
        self._give(work, _nobody)

    async def settle(self) -> None:
        """Return once everything under way is done, also what nobody waits for any more."""
        if self._waiting:
            await Wait(partial(self._give, _nothing))

    def close(self, *, wait: bool) -> None:
        """End the thread after everything under way; wait for that, if so."""
        if self._thread is None:
            return
        self._jobs.put(None)
        if wait:
            self._thread.join()

    def _put(self, work: Callable[[], object], resume: Resume) -> None:
        if self._waiting >= MOST:
            busy = BusyError(f"{self._waiting} requests to it have not been answered yet")
            self._loop.call_soon(partial(resume, None, busy))
            return
        self._give(work, resume)

    def _give(self, work: Callable[[], object], resume: Resume) -> None:
        self._waiting += 1
        if self._thread is None:
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._jobs.put((work, resume))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, resume = job
            value, error = _outcome(work)
            self._loop.call_soon(partial(self._answered, resume, value, error))

    def _answered(self, resume: Resume, value: object, error: BaseException | None) -> None:
        self._waiting -= 1
        resume(value, error)


def _outcome(work: Callable[[], object]) -> tuple[object, BaseException | None]:
    try:
        return work(), None
    except Exception as raised:  # noqa: BLE001 - it is raised in the loop, where somebody waits for it
        return None, raised


def _nobody(_: object, error: BaseException | None) -> None:
    """The way on of a job that nobody waits for. The kernel may refuse it, but no bug passes unseen."""
    if error is not None and not isinstance(error, OSError):
        raise error


def _nothing() -> None:
    """The job that is done after all others."""
