"""Hooks that the router asks for: answered, counted, logged, kept, shown; those of another are not run."""

from math import inf
from queue import Queue
from typing import Any

import structlog

from sidecar.channel.down import HookAsked, HookSkipped
from sidecar.clock import clock
from sidecar.core.actions import CancelHook, RunHook
from sidecar.core.events import HookEnded
from sidecar.core.hook import Hook, HookResult
from sidecar.core.state import State
from sidecar.observer.hooks import HookKeeper, HookSinks
from sidecar.plan.hooks import HookCommand, HookPrograms
from sidecar.telemetry.hook_outcomes import HookOutcomes
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_store import StatusStore

PROGRAMS = HookPrograms(
    "web",
    (
        HookCommand(Hook.POST_ACQUIRE, ("/bin/sh", "-c", "echo broken; exit 3")),
        HookCommand(Hook.PRE_RELEASE, ("/bin/sleep", "999")),
    ),
)


def run(hook: Hook, seconds: float = inf) -> RunHook:
    return RunHook("web", hook, clock(), State.MASTER, 250, clock() + seconds)


def counted(metrics: Metrics, hook: Hook, result: HookResult) -> bool:
    line = f'vipsidecar_hook_runs_total{{hook="{hook}",result="{result}"}} 1.0'
    return line in metrics.expose()[1].decode()


def test_a_hook_is_run_answered_and_told_everywhere() -> None:
    answers, kept, troubles = Queue[HookEnded](), list[dict[str, Any]](), list[str]()
    metrics, outcomes = Metrics((), (), StatusStore(clock)), HookOutcomes()
    with structlog.testing.capture_logs() as lines:
        sinks = HookSinks(
            metrics,
            structlog.get_logger(),
            outcomes,
            lambda name, **fields: kept.append({"event": name, **fields}),
            answers.put,
            lambda *what: troubles.append(" ".join(what)),
        )
        keeper = HookKeeper([PROGRAMS], 2, sinks)
        assert 'hook="post_acquire",result="ok"} 0.0' in metrics.expose()[1].decode()
        keeper.start()
        try:
            keeper.take(HookAsked(1, run(Hook.POST_ACQUIRE)))  # asked of the one before
            asked = run(Hook.POST_ACQUIRE)
            keeper.take(HookAsked(2, asked))
            answer = answers.get(timeout=60)
            waited = run(Hook.PRE_RELEASE, 20.0)
            keeper.take(HookAsked(2, waited))
            keeper.take(CancelHook("web", waited.asked_at))
            cancelled = answers.get(timeout=60)
            keeper.take(HookSkipped(1.0, run(Hook.PRE_RELEASE), HookResult.LOST))
            shown = {each.hook: each.failures for each in outcomes.shown}
            keeper.exchange([])
            assert outcomes.shown == (), "what is gone cannot be shown to be well again"
            keeper.take(HookAsked(2, run(Hook.POST_ACQUIRE)))
            assert answers.get(timeout=60).result is HookResult.SKIPPED
        finally:
            keeper.close()
    said = "exit status 3: broken"
    assert answer == HookEnded("web", Hook.POST_ACQUIRE, asked.asked_at, HookResult.FAILED, said)
    assert (cancelled.hook, cancelled.result) == (Hook.PRE_RELEASE, HookResult.SUPERSEDED)
    assert answers.empty()
    assert counted(metrics, Hook.POST_ACQUIRE, HookResult.FAILED)
    assert counted(metrics, Hook.PRE_RELEASE, HookResult.SUPERSEDED)
    assert counted(metrics, Hook.PRE_RELEASE, HookResult.LOST)
    levels = [(line["log_level"], line["result"]) for line in lines if line["event"] == "hook"]
    assert levels == [
        ("warning", "failed"),
        ("info", "superseded"),
        ("warning", "lost"),
        ("warning", "skipped"),
    ]
    assert [each["result"] for each in kept] == ["failed", "superseded", "lost", "skipped"]
    assert kept[0]["detail"] == said
    assert shown == {Hook.POST_ACQUIRE: 1, Hook.PRE_RELEASE: 1}
    assert outcomes.shown == ()
    assert troubles == []
