"""Faults of a container, and of the engine that would tell: the rows of the container check.

The check sees no process of the host unless the row says so. The time is that since the signal or the
request; since the kernel told the test of the main process's end where that takes its time to come.
"""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from pathlib import Path

import docker

from sidecar.checks.kinds.container import LASTING
from sidecar.core.health.result import CheckResult, Outcome
from tests.e2e.onlooker import Onlooker, onlooker
from tests.e2e.own_engine import OwnEngine
from tests.meanwhile import meanwhile
from tests.netns.lab import wait_until
from tests.unit.checks.aftermath import CALM, aftermath, no_news, remark
from tests.unit.checks.fault_table import FAIL, NEVER, PASS, Table

UNKNOWN = Outcome.UNKNOWN
NAME = "nginx-a"
TABLE: Table[OwnEngine] = Table("tests/e2e/test_container_table.py")
when = TABLE.when

TOLD = 1.0
"""Less than every safety net, on a machine that runs an engine: it was an event that told."""
ENGINE = 20.0
"""Seconds that a busy engine may need until the end of what it was asked for."""
NEXT_LOOK = 9.0
"""Where the next look tells: it comes after 5 s of silence, and a call in it may take 2 s."""


@contextmanager
def looking(engine: OwnEngine, *, host_pids: bool = False) -> Iterator[Onlooker]:
    """A check that has seen the container run."""
    with onlooker(engine.url, NAME, host_pids=host_pids) as seen:
        seen.after(0, PASS)
        yield seen


def main_process(engine: OwnEngine) -> int:
    return int(engine.docker("inspect", "--format", "{{.State.Pid}}", NAME))


class Death:
    """When a process dies. To be asked afterwards; the kernel tells it to a thread of its own."""

    def __init__(self, pid: int) -> None:
        self._descriptor = os.pidfd_open(pid)
        self._at = inf
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        poll.poll(30_000)
        self._at = time.monotonic()
        os.close(self._descriptor)

    @property
    def at(self) -> float:
        self._thread.join()
        return self._at


def killed(
    *options: str, host_pids: bool = False, in_the_end: str = ""
) -> Callable[[OwnEngine], CheckResult]:
    """A check of a container whose main process is killed behind Docker's back."""

    def scenario(engine: OwnEngine) -> CheckResult:
        engine.run(NAME, options=options)
        with looking(engine, host_pids=host_pids) as seen:
            return kill(engine, seen, in_the_end=in_the_end)

    return scenario


def kill(engine: OwnEngine, seen: Onlooker, *, calm: float = CALM, in_the_end: str = "") -> CheckResult:
    main = main_process(engine)
    mark, since = len(seen.results), time.monotonic()
    os.kill(main, signal.SIGKILL)
    await_end(seen, mark, in_the_end)
    return aftermath(seen, mark, since, calm=calm)


def await_end(seen: Onlooker, mark: int, words: str) -> None:
    """Wait until the check says this, whatever it says before: a busy engine may need seconds for it."""
    seen.wait(lambda: any(words in each.result.detail for each in seen.results[mark:]), ENGINE)


def dies(
    act: Callable[[OwnEngine], object],
    *options: str,
    command: str = "sleep 1000",
    in_the_end: str = "",
) -> Callable[[OwnEngine], CheckResult]:
    """A check of a container whose main process dies of what `act` does, sooner or later."""

    def scenario(engine: OwnEngine) -> CheckResult:
        engine.run(NAME, "sh", "-c", command, options=options)
        with looking(engine) as seen:
            mark, death = len(seen.results), Death(main_process(engine))
            act(engine)
            await_end(seen, mark, in_the_end)
            result = aftermath(seen, mark, death.at)
            # The thread that waits for the end may wake up later than the engine and the check.
            return replace(result, seconds=max(0.001, result.seconds))

    return scenario


def touch(engine: OwnEngine, file: str) -> None:
    """Make a file in the container, at once."""
    Path(f"/proc/{main_process(engine)}/root/{file}").touch()


LIMITED = ("--memory=16m", "--memory-swap=16m")
_WAIT = "while [ ! -e /go ]; do sleep 0.1; done"
_HOG = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"

when("container", "killed (SIGKILL to the main process)", FAIL, "main process died with exit code 137", TOLD)(
    killed()
)
when("container", "killed, and the check sees the host's processes (`pid: host`)", FAIL, "(pidfd)", TOLD)(
    killed(host_pids=True)
)
when("container", "killed, and Docker starts it again", FAIL, "then: running", TOLD)(
    killed("--restart=always", in_the_end="running")
)
when("container", "stopped (`docker stop`)", FAIL, "exited, exit code 137", TOLD)(
    dies(lambda engine: engine.docker("stop", "--time", "1", NAME), in_the_end="exited, exit code 137")
)
when("container", "removed (`docker rm --force`)", FAIL, "then: no such container", TOLD)(
    dies(lambda engine: engine.docker("rm", "--force", NAME), in_the_end="no such container")
)
when("container", "the main process runs out of memory", FAIL, "out of memory", TOLD)(
    dies(lambda engine: touch(engine, "go"), *LIMITED, command=f"{_WAIT}; {_HOG}")
)


@when("container", "another process than the main one runs out of memory", PASS, "ran out of memory", TOLD)
def worker_without_memory(engine: OwnEngine) -> CheckResult:
    engine.run(NAME, "sh", "-c", f"sh -c '{_WAIT}; {_HOG}'; sleep 1000", options=LIMITED)
    with looking(engine) as seen:
        mark, main = len(seen.results), main_process(engine)
        children = Path(f"/proc/{main}/task/{main}/children")
        wait_until(lambda: bool(children.read_text()), 5, "the other process")
        death = Death(int(children.read_text()))
        touch(engine, "go")
        result = remark(seen, mark, death.at)
        # The kernel tells the engine of the lack before it ends the process: either may be first.
        return replace(result, seconds=max(0.001, result.seconds))


@when("container", "restart loop: the third crash within 60 s", FAIL, "crashed 3 times within 60 s", TOLD)
def restart_loop(engine: OwnEngine) -> CheckResult:
    engine.run(NAME, options=("--restart=always",))
    with looking(engine) as seen:
        for _ in range(2):
            mark = len(seen.results)
            engine.crash(NAME)
            seen.after(mark, FAIL)
            seen.after(mark, PASS)
        mark = len(seen.results)
        result = kill(engine, seen, calm=3.0)
        assert seen.outcomes(mark) == {FAIL}
        return result


@when("container", "paused (`docker pause`)", FAIL, "paused", LASTING + TOLD)
def paused(engine: OwnEngine) -> CheckResult:
    engine.run(NAME)
    with looking(engine) as seen, docker.APIClient(base_url=engine.url) as client:
        client.ping()
        mark, since = len(seen.results), time.monotonic()
        client.pause(NAME)
        return aftermath(seen, mark, since)


@when("container", "does not exist", FAIL, "no such container", TOLD)
def absent(engine: OwnEngine) -> CheckResult:
    with onlooker(engine.url, NAME) as seen:
        seen.after(0, FAIL)
        return aftermath(seen, 0, seen.began)


@when("container", "hung: the main process stopped (SIGSTOP)", PASS, "running", NEVER)
def stopped(engine: OwnEngine) -> CheckResult:
    engine.run(NAME)
    with looking(engine) as seen:
        os.kill(main_process(engine), signal.SIGSTOP)
        # Longer than the silence after which the check looks again.
        return no_news(seen, 1, seconds=7)


SICK = ("--health-cmd=[ ! -e /sick ]", "--health-interval=1s", "--health-retries=1")


@when("container", "unhealthy: its health check (every 1 s) fails", FAIL, "its health check fails", NEXT_LOOK)
def unhealthy(engine: OwnEngine) -> CheckResult:
    engine.run(NAME, options=SICK)
    with looking(engine) as seen:
        seen.wait(lambda: "healthy" in seen.results[-1].result.detail)
        mark, since = len(seen.results), time.monotonic()
        touch(engine, "sick")
        return aftermath(seen, mark, since)


@contextmanager
def busy(engine: OwnEngine) -> Iterator[None]:
    """Events of another container, at least one a second."""

    def work(ended: threading.Event) -> None:
        with docker.APIClient(base_url=engine.url) as client:
            while not ended.wait(0.5):
                client.pause("other")
                client.unpause("other")

    engine.run("other")
    try:
        with meanwhile(work):
            yield
    finally:
        engine.docker("rm", "--force", "other")


@when(
    "container",
    "unhealthy, while events of other containers come all the time",
    FAIL,
    "its health check fails",
    NEXT_LOOK,
)
def unhealthy_among_others(engine: OwnEngine) -> CheckResult:
    with busy(engine):
        return unhealthy(engine)


def while_away(engine: OwnEngine, leave: Callable[[], None], come_back: Callable[[], None]) -> CheckResult:
    """The result when the engine has left: unknown, and no more."""
    engine.run(NAME)
    with looking(engine) as seen:
        time.sleep(2)  # the check asks once more about what it has just seen start
        mark, since = len(seen.results), time.monotonic()
        leave()
        try:
            result = aftermath(seen, mark, since)
            assert seen.outcomes(mark) == {UNKNOWN}
        finally:
            come_back()
        return result


@when("container", "the engine is killed", UNKNOWN, "the Docker engine cannot be reached", TOLD)
def engine_killed(engine: OwnEngine) -> CheckResult:
    return while_away(engine, engine.kill, engine.start)


@when("container", "the engine hangs", UNKNOWN, "the Docker engine does not answer", NEXT_LOOK)
def engine_hung(engine: OwnEngine) -> CheckResult:
    return while_away(engine, engine.hang, engine.resume)
