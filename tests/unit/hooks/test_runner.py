"""Hooks that are run: real programs, one at a time, within their time, and nothing of them is left.

Modules: hooks.program, hooks.router_lane, plan.hooks, programs.ended_words.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path
from queue import Queue

import pytest

from sidecar.clock import clock
from sidecar.core.actions import RunHook
from sidecar.core.hook import Hook, HookResult
from sidecar.core.state import State
from sidecar.hooks.program import arguments
from sidecar.hooks.runner import HookRunner
from sidecar.plan.hooks import HookCommand, HookPrograms

WAIT = 60.0
Said = tuple[RunHook, HookResult, str, float]


class Listener:
    def __init__(self) -> None:
        self.said: Queue[Said] = Queue()
        self.troubles: list[str] = []

    def hook_ended(self, run: RunHook, result: HookResult, detail: str, seconds: float) -> None:
        self.said.put((run, result, detail, seconds))

    def trouble(self, component: str, reason: str, detail: str) -> None:
        self.troubles.append(f"{component} {reason} {detail}")

    def next(self) -> tuple[Hook, HookResult, str]:
        run, result, detail, _ = self.said.get(timeout=WAIT)
        return run.hook, result, detail


class Stage:
    def __init__(self) -> None:
        self.listener = Listener()
        self.runner = HookRunner((), self.listener, clock)
        self.runner.start()
        self._scripts: dict[Hook, str] = {}
        self._post_timeout = 20.0

    def program(self, hook: Hook, script: str, post_timeout: float = 20.0) -> None:
        """Have a hook run a script of the shell; a program of /bin is root's alone to change."""
        self._scripts[hook] = script
        commands = tuple(
            HookCommand(each, ("/bin/sh", "-c", text, "hook")) for each, text in self._scripts.items()
        )
        self.runner.exchange([HookPrograms("web", commands, post_timeout, addresses=("10.0.0.1/32",))])

    def ask(self, hook: Hook, seconds: float = inf, check: str = "") -> RunHook:
        now = clock()
        up = True if check else None
        run = RunHook("web", hook, now, State.MASTER, 250, now + seconds, check, up)
        self.runner.ask(run)
        return run


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.runner.stop(timeout=WAIT)
    assert made.listener.troubles == []


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def gone(path: Path) -> bool:
    """Whether the process with this id in a file has ended."""
    try:
        os.kill(int(path.read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def test_a_program_is_told_what_keepalived_tells(stage: Stage) -> None:
    stage.program(Hook.POST_ACQUIRE, 'echo "$VIP_SIDECAR_HOOK $VIP_SIDECAR_ADDRESSES $*"; exit 3')
    stage.ask(Hook.POST_ACQUIRE)
    told = "post_acquire 10.0.0.1/32 INSTANCE web MASTER 250"
    assert stage.listener.next() == (Hook.POST_ACQUIRE, HookResult.FAILED, f"exit status 3: {told}")


@pytest.mark.parametrize(
    ("state", "hook", "check", "told"),
    [
        (State.INIT, Hook.POST_RELEASE, "", ("INSTANCE", "web", "STOP", "1")),
        (State.BACKUP, Hook.ON_CHECK, "nginx", ("INSTANCE", "web", "BACKUP", "1", "CHECK", "nginx", "DOWN")),
    ],
)
def test_its_arguments(state: State, hook: Hook, check: str, told: tuple[str, ...]) -> None:
    assert arguments(RunHook("web", hook, 0.0, state, 1, inf, check, up=False)) == told


def test_what_ends_with_0_is_ok_and_what_is_not_there_fails(stage: Stage) -> None:
    stage.program(Hook.POST_ACQUIRE, "true")
    stage.ask(Hook.POST_ACQUIRE)
    assert stage.listener.next()[1] is HookResult.OK
    stage.runner.exchange([HookPrograms("web", (HookCommand(Hook.POST_FAULT, ("/bin/nothing",)),))])
    stage.ask(Hook.POST_FAULT)
    hook, result, detail = stage.listener.next()
    assert (hook, result) == (Hook.POST_FAULT, HookResult.FAILED)
    assert "could not be run: no such file" in detail
    stage.ask(Hook.POST_ACQUIRE)
    assert stage.listener.next()[1] is HookResult.SKIPPED


def test_a_program_that_hangs_is_ended_when_its_time_is_over(stage: Stage) -> None:
    stage.program(Hook.PRE_ACQUIRE, "sleep 999")
    asked = stage.ask(Hook.PRE_ACQUIRE, seconds=0.3)
    assert stage.listener.next()[:2] == (Hook.PRE_ACQUIRE, HookResult.TIMEOUT)
    assert clock() >= asked.until


def test_whatever_a_program_has_started_is_ended_with_it(stage: Stage, tmp_path: Path) -> None:
    pids = [tmp_path / name for name in ("itself", "child", "session")]
    own, child, session = pids
    script = (
        f"echo $$ > {own}; sh -c 'echo $$ > {child}; sleep 999' & "
        f"setsid sh -c 'echo $$ > {session}; sleep 999' & sleep 999"
    )
    stage.program(Hook.PRE_RELEASE, script)
    asked = stage.ask(Hook.PRE_RELEASE, seconds=WAIT)
    wait_until(lambda: all(path.exists() and path.read_text().endswith("\n") for path in pids))
    stage.runner.cancel("web", asked.asked_at)
    assert stage.listener.next()[:2] == (Hook.PRE_RELEASE, HookResult.SUPERSEDED)
    wait_until(lambda: all(map(gone, pids)))


def test_two_never_run_at_once_and_the_latest_state_wins(stage: Stage, tmp_path: Path) -> None:
    log, lock = tmp_path / "log", tmp_path / "lock"
    script = (
        f"mkdir {lock} || echo overlap >> {log}; echo $VIP_SIDECAR_HOOK >> {log}; sleep 0.2; rmdir {lock}"
    )
    for hook in (Hook.POST_ACQUIRE, Hook.POST_RELEASE, Hook.POST_FAULT):
        stage.program(hook, script)
    for hook in (Hook.POST_ACQUIRE, Hook.POST_RELEASE, Hook.POST_FAULT, Hook.POST_RELEASE):
        stage.ask(hook)
    found = [stage.listener.next()[:2] for _ in range(4)]
    assert sorted(result for _, result in found) == ["ok", "ok", "superseded", "superseded"]
    assert log.read_text().split() == ["post_acquire", "post_release"]


def test_what_is_waited_for_need_not_wait_for_what_hangs(stage: Stage) -> None:
    stage.program(Hook.POST_RELEASE, "sleep 999")
    stage.program(Hook.PRE_ACQUIRE, "true")
    stage.ask(Hook.POST_RELEASE)
    stage.ask(Hook.PRE_ACQUIRE, seconds=WAIT)
    assert stage.listener.next()[:2] == (Hook.POST_RELEASE, HookResult.SUPERSEDED)
    assert stage.listener.next()[:2] == (Hook.PRE_ACQUIRE, HookResult.OK)


def test_what_comes_too_late_is_not_begun(stage: Stage) -> None:
    stage.program(Hook.PRE_ACQUIRE, "true")
    stage.ask(Hook.PRE_ACQUIRE, seconds=-1.0)
    assert stage.listener.next()[:2] == (Hook.PRE_ACQUIRE, HookResult.TIMEOUT)


def test_at_the_end_what_runs_may_end(stage: Stage) -> None:
    stage.program(Hook.POST_RELEASE, "sleep 0.2")
    stage.ask(Hook.POST_RELEASE)
    stage.runner.finish()
    stage.runner.wait(WAIT)
    assert stage.listener.next()[:2] == (Hook.POST_RELEASE, HookResult.OK)


def test_without_a_program_there_is_no_thread(stage: Stage) -> None:
    stage.ask(Hook.POST_ACQUIRE)
    assert stage.listener.next() == (Hook.POST_ACQUIRE, HookResult.SKIPPED, "there is no program for it")
    assert not [each for each in threading.enumerate() if each.name == "hooks"]
