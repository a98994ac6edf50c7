"""Programs are started by another process; whatever happens to it, nothing is lost, left or waited for.

Modules: programs.child, programs.confined, programs.supervised_program, programs.fork_server_process,
programs.plain, programs.watcher.
"""

import asyncio
import contextlib
import os
import resource
import select
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from sidecar.programs import fork_server
from sidecar.programs.child import Child
from sidecar.programs.fork_server import ForkServer, _Life
from sidecar.programs.supervised_program import Ended, SupervisedProgram
from tests.unit.checks.stage import children, state_of
from tests.unit.programs.servers import (
    children_of_server,
    has_answered,
    pipe,
    shell,
    the_server,
    until,
    with_server,
)

pytestmark = pytest.mark.parts


def _descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_it_forks_and_we_do_not() -> None:
    async def scenario(server: ForkServer, _: list[str]) -> tuple[Ended, int]:
        server.prepare()
        ended = await shell(server, "cut -d' ' -f4 /proc/$PPID/stat; exit 7").run()
        return ended, the_server()

    ended, pid = with_server(scenario)
    assert (ended.status, ended.failed, int(ended.output)) == (7, "", pid)


def test_one_server_starts_many_programs_at_a_time_and_keeps_nothing_of_them() -> None:
    async def scenario(server: ForkServer, _: list[str]) -> tuple[list[int | None], int]:
        server.prepare()
        descriptors = _descriptors(os.getpid())
        runs = [shell(server, f"sleep 0.05; exit {number}").run() for number in range(40)]
        statuses = [ended.status for ended in await asyncio.gather(*runs)]
        # Garbage of other tests may be collected meanwhile.
        await until(lambda: _descriptors(os.getpid()) <= descriptors)
        await until(lambda: children(the_server()) == [])
        assert _descriptors(the_server()) == 6
        return statuses, the_server()

    statuses, _ = with_server(scenario)
    assert statuses == [*range(40)]


def test_a_server_that_was_killed_is_replaced_and_its_programs_end() -> None:
    async def scenario(server: ForkServer, lost: list[str]) -> None:
        running = asyncio.create_task(shell(server, "sleep 60").run())
        await until(lambda: children_of_server() != [] and has_answered(server))
        first, (watcher,) = the_server(), children_of_server()
        os.kill(first, signal.SIGKILL)
        ended = await asyncio.wait_for(running, 20)
        assert (ended.status, ended.failed) == (None, "")
        await until(lambda: state_of(watcher) in ("gone", "Z"))
        assert (await shell(server, "exit 3").run()).status == 3
        assert the_server() != first
        assert lost == ["the process that starts programs has ended (exit status -9)"]

    with_server(scenario)


def test_a_start_in_flight_fails_when_the_server_dies() -> None:
    async def scenario(server: ForkServer, _: list[str]) -> None:
        server.prepare()
        os.kill(the_server(), signal.SIGSTOP)
        running = asyncio.create_task(shell(server, "exit 0").run())
        await asyncio.sleep(0.05)
        os.kill(the_server(), signal.SIGKILL)
        with pytest.raises(OSError, match="the process that starts programs has ended"):
            await running

    with_server(scenario)


def test_a_server_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork_server, "_HUNG", 0.2)

    async def scenario(server: ForkServer, lost: list[str]) -> None:
        server.prepare()
        os.kill(the_server(), signal.SIGSTOP)
        outcomes: list[int | None] = []
        began = time.monotonic()
        while outcomes != [0] and time.monotonic() - began < 30:
            with contextlib.suppress(TimeoutError):
                # The next server is a slow one on a busy machine, and does not hang.
                async with asyncio.timeout(20 if lost else 0.1):
                    outcomes.append((await shell(server, "exit 0").run()).status)
            if lost:
                monkeypatch.setattr(fork_server, "_HUNG", 60.0)
        assert outcomes == [0]
        assert lost == ["the process that starts programs has not answered for 0.2 s (exit status -9)"]

    with_server(scenario)


def test_a_server_is_not_blamed_when_it_was_us_who_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(server: ForkServer, lost: list[str]) -> None:
        server.prepare()
        first = asyncio.create_task(shell(server, "exit 1").run())
        await until(lambda: not has_answered(server))
        assert server._life is not None
        answered, _, _ = select.select([server._life._socket], [], [], 5)
        assert answered
        monkeypatch.setattr(fork_server, "_HUNG", 0.0)
        second = shell(server, "exit 2").run()
        assert [(await second).status, (await first).status] == [2, 1]
        assert lost == []

    with_server(scenario)


def test_a_program_whose_caller_gave_up_before_the_answer_is_killed() -> None:
    async def scenario(server: ForkServer, _: list[str]) -> None:
        server.prepare()
        os.kill(the_server(), signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await shell(server, "sleep 60").run()
        os.kill(the_server(), signal.SIGCONT)
        assert (await shell(server, "exit 0").run()).status == 0
        await until(lambda: children(the_server()) == [])

    with_server(scenario)


def test_a_program_whose_caller_is_cancelled_by_the_answer_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    original = _Life.ask
    children_seen: list[Child] = []

    async def scenario(server: ForkServer, _: list[str]) -> None:
        starting: list[asyncio.Task[Child]] = []

        def answered(answer: asyncio.Future[Child]) -> None:
            children_seen.append(answer.result())
            starting[0].cancel()

        def ask(life: _Life, request: bytes, descriptors: Sequence[int]) -> asyncio.Future[Child]:
            answer = original(life, request, descriptors)
            answer.add_done_callback(answered)  # before the caller can wait for it
            return answer

        monkeypatch.setattr(_Life, "ask", ask)
        with pipe() as (_read, write_end):
            start = server.start("plain", ["/bin/sleep", "60"], [write_end, write_end])
            starting.append(asyncio.create_task(start))
            with pytest.raises(asyncio.CancelledError):
                await starting[0]
            async with asyncio.timeout(20):
                await children_seen[0].ended.wait()
        await until(lambda: children_of_server() == [])

    with_server(scenario)


def test_whoever_is_left_behind_by_a_killed_watcher_is_killed() -> None:
    async def scenario(server: ForkServer, _: list[str]) -> None:
        ended = await shell(server, "setsid sleep 60 & sleep 60 & kill -KILL $PPID; sleep 60").run()
        assert (ended.status, ended.failed) == (None, "")
        await until(lambda: children(the_server()) == [])

    with_server(scenario)


@pytest.mark.timing
def test_the_end_of_the_server_is_the_end_of_all() -> None:
    seen: list[int] = []

    def everything() -> list[int]:
        watchers = children_of_server()
        programs = [pid for watcher in watchers for pid in children(watcher)]
        return [*watchers, *programs, *(pid for program in programs for pid in children(program))]

    async def scenario(server: ForkServer, _: list[str]) -> None:
        stubborn = "trap '' TERM; sleep 60 & sleep 60"
        running = [asyncio.create_task(shell(server, stubborn).run()) for _ in range(3)]
        await until(lambda: len(everything()) >= 9)
        await asyncio.sleep(0.1)
        seen.extend(everything())
        began = time.monotonic()
        server.close()
        assert time.monotonic() - began < 1.0
        await asyncio.gather(*running)

    with_server(scenario)
    assert len(seen) >= 9
    assert {state_of(pid) for pid in seen} == {"gone"}


def test_a_death_is_told_and_reaped_without_another_start() -> None:
    async def scenario(server: ForkServer, lost: list[str]) -> None:
        server.prepare()
        pid = the_server()
        os.kill(pid, signal.SIGKILL)
        await until(lambda: lost != [])
        assert state_of(pid) == "gone"

    with_server(scenario)


def test_a_program_that_stopped_its_watcher_ends_with_the_server() -> None:
    async def scenario(server: ForkServer, _: list[str]) -> None:
        running = asyncio.create_task(shell(server, "kill -STOP $PPID; exec sleep 60").run())
        await until(lambda: any(state_of(pid) == "T" for pid in children_of_server()))
        (watcher,) = children_of_server()
        (program,) = children(watcher)
        os.kill(the_server(), signal.SIGKILL)
        assert (await asyncio.wait_for(running, 20)).status is None
        await until(lambda: state_of(program) in ("gone", "Z") and state_of(watcher) in ("gone", "Z"))

    with_server(scenario)


def test_an_answer_for_which_no_descriptor_is_left_ends_all_programs() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def scenario(server: ForkServer, lost: list[str]) -> None:
        server.prepare()
        running = asyncio.create_task(shell(server, "sleep 60").run())
        await until(lambda: not has_answered(server))
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            with pytest.raises(OSError, match="the process that starts programs has ended"):
                await running
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert len(lost) == 1
        assert (await shell(server, "exit 4").run()).status == 4

    with_server(scenario)


def test_a_request_that_is_too_long_is_refused_and_the_next_one_works() -> None:
    async def scenario(server: ForkServer, _: list[str]) -> None:
        with pytest.raises(OSError, match="too long"):
            await SupervisedProgram(server, "plain", ["/bin/true", "x" * 1_000_000], keep=1).run()
        assert (await shell(server, "exit 5").run()).status == 5

    with_server(scenario)


def test_a_program_that_is_not_in_the_table_ends_with_a_trace_and_the_server_goes_on() -> None:
    async def scenario(server: ForkServer, _: list[str]) -> bytes:
        with pipe() as (read_end, write_end):
            child: Child = await server.start("nonsense", [], [write_end])
            await child.ended.wait()
            assert (await shell(server, "exit 0").run()).status == 0
            return os.read(read_end, 4096)

    assert b"KeyError: 'nonsense'" in with_server(scenario)


def test_only_the_end_of_the_output_is_kept() -> None:
    async def scenario(server: ForkServer, _: list[str]) -> Ended:
        return await shell(server, "head -c 300000 /dev/zero | tr '\\0' x; printf end", keep=100).run()

    assert with_server(scenario).output == b"x" * 97 + b"end"
