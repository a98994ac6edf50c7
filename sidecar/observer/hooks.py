"""Hooks that the router asks for: run, counted, logged, kept as events, shown, and answered."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from structlog.typing import FilteringBoundLogger

from sidecar.channel.down import HookAsked, HookSkipped
from sidecar.clock import clock
from sidecar.core.actions import CancelHook, RunHook
from sidecar.core.events import HookEnded
from sidecar.core.hook import Hook, HookResult
from sidecar.hooks.runner import HookRunner
from sidecar.plan.hooks import HookPrograms
from sidecar.telemetry.hook_outcomes import FAILURES, HookOutcomes
from sidecar.telemetry.metrics import Metrics

Message = HookAsked | CancelHook | HookSkipped
_WHY: Final = {
    HookResult.SKIPPED: "there was no observer to run it",
    HookResult.LOST: "the observer has ended before it did",
}
LAST_HOOKS: Final = 0.2
"""Seconds that hooks have at the end of the observer."""


@dataclass(frozen=True, slots=True)
class HookSinks:
    """Where outcomes go: `note` keeps an event, `send` answers the router, from any thread.

    `trouble` gets component, reason and detail.
    """

    metrics: Metrics
    log: FilteringBoundLogger
    outcomes: HookOutcomes
    note: Callable[..., None]
    send: Callable[[HookEnded], object]
    trouble: Callable[[str, str, str], None]


class HookKeeper:
    """The hooks of one observer, which had so many before it (`restarts`)."""

    def __init__(self, programs: Iterable[HookPrograms], restarts: int, sinks: HookSinks) -> None:
        self._restarts = restarts
        self._sinks = sinks
        self._known = frozenset[tuple[str, Hook]]()
        known = tuple(programs)
        self._prepare(known)
        self._runner = HookRunner(known, self, clock)

    def start(self) -> None:
        """Be ready to run hooks."""
        self._runner.start()

    def exchange(self, programs: Iterable[HookPrograms]) -> None:
        """Run these from now on."""
        known = tuple(programs)
        self._prepare(known)
        self._sinks.outcomes.keep(self._known)
        self._runner.exchange(known)

    def take(self, message: Message) -> None:
        """Take a message of the router."""
        match message:
            case HookAsked(restarts, run):
                if restarts == self._restarts:
                    self._runner.ask(run)
            case CancelHook(router, asked_at):
                self._runner.cancel(router, asked_at)
            case HookSkipped(_, run, result):
                self._note(run, result, _WHY.get(result, ""), 0.0)

    def close(self) -> None:
        """Let what runs end within a moment, then end it."""
        self._runner.finish()
        self._runner.wait(LAST_HOOKS)
        self._runner.stop(timeout=0.05)

    def hook_ended(self, run: RunHook, result: HookResult, detail: str, seconds: float) -> None:
        """Take what became of a hook. Called in the thread that runs them."""
        self._note(run, result, detail, seconds)
        self._sinks.send(HookEnded(run.router, run.hook, run.asked_at, result, detail))

    def trouble(self, component: str, reason: str, detail: str) -> None:
        """Count and log something that went wrong."""
        self._sinks.trouble(component, reason, detail)

    def _prepare(self, programs: Iterable[HookPrograms]) -> None:
        self._known = frozenset((each.router, command.hook) for each in programs for command in each.commands)
        self._sinks.metrics.prepare_hooks(sorted({hook for _, hook in self._known}))

    def _note(self, run: RunHook, result: HookResult, detail: str, seconds: float) -> None:
        sinks, took = self._sinks, round(seconds * 1000, 1)
        sinks.metrics.count("hook_runs_total", run.hook, result)
        if (run.router, run.hook) in self._known:
            # Of one that a reload has taken away no later run could show that all is well again.
            sinks.outcomes.note(run, result, detail, seconds, time.time())
        facts = {"router": run.router, "hook": run.hook.value, "result": result.value, "detail": detail}
        write = sinks.log.warning if result in FAILURES else sinks.log.info
        check = {"check": run.check} if run.hook is Hook.ON_CHECK else {}
        write("hook", **facts, state=run.state.value, priority=run.priority, **check, took_ms=took)
        if run.hook is not Hook.ON_CHECK or result in FAILURES:
            sinks.note("hook", **facts, took_ms=took)
