"""A thread for what the kernel keeps waiting: it carries out jobs in order, and the loop hears the outcome.

The kernel does the work of a request inside the system call that sends it, and waits there for a lock that
others may hold for 50 ms and longer. No advert must wait for that.
"""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Job:
    """Work for the thread of the worker, and what takes its result in the thread of the loop."""

    work: Callable[[], Any]
    resume: Resume
    unhurried: Callable[[Any], bool] | None = None


class Worker:
    """All but the jobs is for the thread of the loop. The worker's thread begins with the first job.

    It is a daemon: what hangs in the kernel does not keep the process.
    """

    def __init__(self, name: str, loop: EventLoop) -> None:
        self._name = name
        self._loop = loop
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._waiting = 0

    def run(
        self, work: Callable[[], Result], unhurried: Callable[[Result], bool] | None = None
    ) -> Wait[Result]:
        """Have it done and wait for that; what it raises is raised. Raises BusyError.

        Nobody has to wait to the end: it is done all the same, and in order. `unhurried`, which is called in
        the thread, says of a result that the loop need not be woken for it.
        """
        return Wait(partial(self._put, work, unhurried))

    def submit(self, work: Callable[[], object]) -> None:
        """Have it done some time, without an answer: also when too many jobs wait."""
        self._give(_Job(work, _nobody))

    async def settle(self) -> None:
        """Return once everything under way is done, also what nobody waits for any more."""
        if self._waiting:
            await Wait(lambda resume: self._give(_Job(_nothing, resume)))

    def close(self, *, wait: bool) -> None:
        """End the thread after everything under way; wait for that, if so."""
        if self._thread is None:
            return
        self._jobs.put(None)
        if wait:
            self._thread.join()

    def _put(self, work: Callable[[], Any], unhurried: Callable[[Any], bool] | None, resume: Resume) -> None:
        if self._waiting >= MOST:
            busy = BusyError(f"{self._waiting} requests to it have not been answered yet")
            self._loop.call_soon(partial(resume, None, busy))
            return
        self._give(_Job(work, resume, unhurried))

    def _give(self, job: "_Job") -> None:
        self._waiting += 1
        if self._thread is None:
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            value, error = _outcome(job.work)
            answered = partial(self._answered, job.resume, value, error)
            if error is not None or job.unhurried is None or not job.unhurried(value):
                self._loop.call_soon(answered)
                continue
            self._loop.call_unhurried(answered)
            # Asked again: the loop may have begun to wait with something to do that waits for this.
            if not job.unhurried(value):
                self._loop.call_soon(_nothing)

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
