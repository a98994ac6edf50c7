"""Checks are exchanged while they run: what is equal goes on, what is gone ends, what is new begins."""

import asyncio
import contextlib
import dataclasses
import gc
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sidecar.checks.docker import container_restarts, restart_budget
from sidecar.checks.runner import CheckRunner
from sidecar.core.health.result import Outcome
from sidecar.plan.check import Check, ContainerCheck, ExecCheck, HttpCheck, LinkCheck, ProcessCheck, TcpCheck
from sidecar.plan.container import ContainerSelection
from sidecar.plan.endpoints import Endpoint
from sidecar.plan.services import Docker
from tests.unit.checks.engine import Engine, scripted_engine
from tests.unit.checks.stage import Collector, free_port, url, wait_until

pytestmark = pytest.mark.parts

LINK = LinkCheck("link", "lo")
CONTAINER = ContainerCheck("nginx", ContainerSelection("web"))


@contextmanager
def at_work(*checks: Check, docker: Docker | None = None) -> Iterator[tuple[CheckRunner, Collector]]:
    seen = Collector()
    runner = CheckRunner(checks, docker, seen)
    runner.start()
    try:
        yield runner, seen
    finally:
        runner.stop(5.0)


def tcp(name: str, port: int, **more: float) -> TcpCheck:
    return TcpCheck(name, Endpoint("127.0.0.1", port), **{"every": 0.05, "timeout": 0.05, **more})  # type: ignore[arg-type]


@contextmanager
def accepting() -> Iterator[tuple[int, list[float]]]:
    """A server that notes when it was asked."""
    asked: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                asked.append(time.monotonic())
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], asked
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def tasks() -> Counter[str]:
    return Counter(
        task.get_name() for task in gc.get_objects() if isinstance(task, asyncio.Task) and not task.done()
    )


def test_what_is_gone_says_nothing_more_and_asks_nobody() -> None:
    with accepting() as (port, asked), at_work(LINK, tcp("port", port)) as (runner, seen):
        seen.after(0, Outcome.PASS, count=5)
        runner.exchange([LINK], None)
        mark = len(seen.results)
        time.sleep(0.3)
        assert seen.results[mark:] == []
        count = len(asked)
        time.sleep(0.3)
        assert len(asked) == count
        assert tasks()["check port"] == 0
        assert tasks()["check link"] == 1


def test_what_is_equal_runs_on_and_is_not_begun_again() -> None:
    with at_work(LINK, ProcessCheck("process", "no-such-process")) as (runner, seen):
        seen.wait(lambda: len(seen.results) == 2)
        before = {each for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done()}
        for _ in range(20):
            # Equal, and other objects.
            runner.exchange([LinkCheck("link", "lo"), ProcessCheck("process", "no-such-process")], None)
        time.sleep(0.3)
        after = {each for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done()}
        assert {each for each in before if each.get_name().startswith("check")} <= after
        # Begun anew, each would have told its state again.
        assert len(seen.results) == 2


def test_what_is_new_or_other_begins_at_once() -> None:
    with accepting() as (one, _), at_work(tcp("port", free_port(), every=60)) as (runner, seen):
        seen.after(0, Outcome.FAIL)
        mark = len(seen.results)
        runner.exchange([tcp("port", one, every=60), LINK], None)
        passed = seen.after(mark, Outcome.PASS, count=2)
        assert {each.check for each in passed} == {"port", "link"}


def test_an_exchange_before_the_start_counts() -> None:
    seen = Collector()
    runner = CheckRunner([LINK], None, seen)
    runner.exchange([dataclasses.replace(LINK, name="other")], None)
    runner.start()
    try:
        assert seen.after(0, Outcome.PASS)[0].check == "other"
    finally:
        runner.stop(5.0)
    runner.exchange([LINK], None)
    assert {each.check for each in seen.results} == {"other"}


def running_programs(*argv: str) -> list[Path]:
    """Processes with this command line."""
    wanted, found = "\0".join(argv).encode() + b"\0", []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cmdline").read_bytes() == wanted:
                found.append(process)
    return found


def test_a_program_of_a_check_that_is_gone_ends() -> None:
    program = ("/bin/sleep", f"61.{os.getpid()}")
    with at_work(ExecCheck("slow", program, timeout=59.0, every=60.0), LINK) as (runner, seen):
        seen.after(0, Outcome.PASS)
        wait_until(lambda: len(running_programs(*program)) == 1)
        runner.exchange([LINK], None)
        wait_until(lambda: not running_programs(*program))


def test_containers_are_followed_as_long_as_a_check_wants_them(engine: Engine) -> None:
    docker = Docker(url=engine.url)
    other = ContainerCheck("other", ContainerSelection("name-of-the-same-one"))
    with at_work(LINK, docker=docker) as (runner, seen):
        seen.after(0, Outcome.PASS)
        assert engine.requests == []
        runner.exchange([LINK, CONTAINER], docker)
        seen.wait(lambda: any(each.check == "nginx" for each in seen.results))
        streams = sum("/events" in request for request in engine.requests)
        runner.exchange([LINK, CONTAINER, other], docker)
        seen.wait(lambda: any(each.check == "other" for each in seen.results))
        # The stream was opened anew, so nothing was missed, and the first one has told nothing twice.
        assert sum("/events" in request for request in engine.requests) > streams
        assert [each.result.outcome for each in seen.results if each.check == "nginx"] == [Outcome.PASS]
        mark = len(seen.results)
        engine.change(Running=False, Status="exited", ExitCode=1)
        engine.say("die", exitCode="1")
        seen.wait(lambda: {each.check for each in seen.results[mark:]} == {"nginx", "other"})
        assert seen.outcomes(mark) == {Outcome.FAIL}
        runner.exchange([LINK], docker)
        wait_until(lambda: not [each for each in threading.enumerate() if each.name == "docker"])


def test_another_engine_is_followed_instead(engine: Engine, tmp_path: Path) -> None:
    with (
        scripted_engine(tmp_path / "second.sock") as second,
        at_work(CONTAINER, docker=Docker(url=engine.url)) as (runner, seen),
    ):
        seen.after(0, Outcome.PASS)
        second.change(Running=False, Status="exited", ExitCode=3)
        mark = len(seen.results)
        runner.exchange([CONTAINER], Docker(url=second.url))
        assert seen.after(mark, Outcome.FAIL)[0].result.detail == "exited, exit code 3"
        wait_until(lambda: [each.name for each in threading.enumerate()].count("docker") == 1)
        engine.change(Running=True, Status="running")
        engine.say("start")
        time.sleep(0.3)
        assert Outcome.PASS not in seen.outcomes(mark)


def test_a_container_that_was_up_is_restarted_although_its_check_says_so_only_now(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart_budget, "PAUSE", 0.1)
    monkeypatch.setattr(container_restarts, "LOOK_AGAIN", 0.1)
    docker = Docker(url=engine.url)
    with at_work(CONTAINER, docker=docker) as (runner, seen):
        seen.after(0, Outcome.PASS)
        runner.verdict("nginx", up=True)
        mark = len(seen.results)
        runner.exchange([dataclasses.replace(CONTAINER, restart=True)], docker)
        seen.after(mark, Outcome.PASS)
        engine.change(Running=False, Status="exited", ExitCode=1)
        engine.say("die", exitCode="1")
        seen.after(mark, Outcome.FAIL)
        runner.verdict("nginx", up=False)
        seen.wait(lambda: bool(seen.restarts))
        assert seen.restarts[0][:2] == ("nginx", "ok")
        runner.exchange([CONTAINER], docker)
        wait_until(lambda: not [each for each in threading.enumerate() if each.name == "restarts"])


SLACK = 5
"""Descriptors and tasks that come and go, as those of a pausing watch do.
What one of the twelve kinds of exchange leaves behind is there sixteen times after 200 of them."""


def _more(now: tuple[int, ...], before: tuple[int, ...]) -> bool:
    return any(one > other + SLACK for one, other in zip(now, before, strict=True))


def test_200_exchanges_leave_no_descriptor_thread_or_task_behind(engine: Engine, tmp_path: Path) -> None:
    docker = Docker(url=engine.url)
    with accepting() as (port, _):
        one: list[Check] = [LINK, tcp("port", port), CONTAINER]
        others: list[list[Check]] = [
            [LINK],
            [LINK, HttpCheck("http", url(port), every=0.05, timeout=0.05)],
            [ProcessCheck("link", "python3"), tcp("port", free_port())],
            [LINK, ExecCheck("true", ("/bin/true",)), dataclasses.replace(CONTAINER, restart=True)],
        ]
        absent = Docker(url=f"unix://{tmp_path}/absent.sock")
        with at_work(*one, docker=docker) as (runner, seen):

            def settled() -> tuple[int, int, int]:
                """Everything of the first set has told something since it was the wanted one again."""
                mark = len(seen.results)
                runner.exchange(one, docker)
                seen.wait(lambda: {each.check for each in seen.results[mark:]} >= {"port"})
                wait_until(lambda: [each.name for each in threading.enumerate()].count("docker") == 1)
                deadline = time.monotonic() + 30
                while len(engine.streams) != 1 and time.monotonic() < deadline:
                    # The engine of the test notices that a stream was closed when it writes into it.
                    engine.say("exec_start")
                    time.sleep(0.05)
                gc.collect()
                names = [each.name for each in threading.enumerate() if "process_request" not in each.name]
                return len(os.listdir("/proc/self/fd")), len(names), sum(tasks().values())  # noqa: PTH208

            for index in range(12):
                runner.exchange(others[index % 4], [docker, None, absent][index % 3])
                time.sleep(0.05)
            settled()
            time.sleep(0.5)
            before = settled()
            for index in range(200):
                runner.exchange(others[index % 4], [docker, None, absent][index % 3])
                if index % 5 == 0:
                    time.sleep(0.02)
            deadline = time.monotonic() + 30
            while _more(after := settled(), before) and time.monotonic() < deadline:
                time.sleep(0.2)
            assert not _more(after, before), (after, before)
        assert not [trouble for trouble in seen.troubles if trouble[1] == "thread_ended"]
