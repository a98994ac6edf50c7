"""The last outcome of each hook, for the status. Replaced as a whole, so that readers need no lock."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

from sidecar.core.actions import RunHook
from sidecar.core.hook import Hook, HookResult

FAILURES: Final = frozenset({HookResult.FAILED, HookResult.TIMEOUT, HookResult.SKIPPED, HookResult.LOST})


@dataclass(frozen=True, slots=True)
class HookOutcome:
    """The last one of a hook of a router. `at` in Unix seconds, `seconds` it ran, `failures` since the start.

    `failing`: it has failed, and no later hook of the router has told its programs of a state since.
    """

    router: str
    hook: Hook
    result: HookResult
    detail: str
    at: float
    seconds: float
    failures: int
    failing: bool


class HookOutcomes:
    """Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: dict[tuple[str, Hook], HookOutcome] = {}
        self.shown: tuple[HookOutcome, ...] = ()

    def note(self, run: RunHook, result: HookResult, detail: str, seconds: float, at: float) -> None:
        """Take what became of a hook. One that was superseded is no outcome: a later one follows."""
        if result is HookResult.SUPERSEDED:
            return
        failed = result in FAILURES
        with self._lock:
            key = run.router, run.hook
            before = self._of.get(key)
            failures = failed + (0 if before is None else before.failures)
            if not failed and run.hook is not Hook.ON_CHECK:
                self._settle(run.router)
            self._of[key] = HookOutcome(*key, result, detail, at, seconds, failures, failed)
            self.shown = tuple(self._of.values())

    def keep(self, hooks: Iterable[tuple[str, Hook]]) -> None:
        """Forget all but these hooks of routers: no later run could show that they are well again."""
        here = set(hooks)
        with self._lock:
            self._of = {key: each for key, each in self._of.items() if key in here}
            self.shown = tuple(self._of.values())

    def _settle(self, router: str) -> None:
        """A hook about the state of a router has succeeded: earlier failures are of the past."""
        for key, each in self._of.items():
            if key[0] == router and key[1] is not Hook.ON_CHECK:
                self._of[key] = replace(each, failing=False)
