"""When the hooks of a router are run, and which of them it waits for.

The core asks, the observer runs (`sidecar/hooks`), and no wait has more than its time: whatever a hook does,
a takeover begins when `timeout` is over at the latest, and a planned move half a second after it was wanted.

What the hooks hear in the end is the state of the router. `told` is what they heard last: a takeover that is
given up after `pre_acquire` is told by `post_release`, a planned move that is taken back by `post_acquire`.
After an adoption nothing is told, because nothing has moved.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

from sidecar.core.actions import Action, CancelHook, RunHook, Warned
from sidecar.core.hook import Hook, HookResult
from sidecar.core.params import RouterParams
from sidecar.core.router.hook_wait import HookWait
from sidecar.core.router.router_state import RouterState
from sidecar.core.state import State

RETRY: Final = 1.0
"""Seconds to wait before trying again a takeover that its hook has refused."""
_AFTER: Final = {
    State.MASTER: Hook.POST_ACQUIRE,
    State.BACKUP: Hook.POST_RELEASE,
    State.INIT: Hook.POST_RELEASE,
    State.FAULT: Hook.POST_FAULT,
}
_KNOWN: Final = {State.INIT: State.BACKUP}
"""To the hooks, a router that ends as BACKUP has not moved."""


@dataclass(slots=True)
class RouterHooks:
    """The hooks of one router. Commands are added to `out`."""

    params: RouterParams
    router: RouterState
    out: list[Action]

    def has(self, hook: Hook) -> bool:
        """Whether the configuration names a program for it."""
        return self.params.hooks is not None and hook in self.params.hooks.hooks

    def ask(self, hook: Hook, state: State, priority: int, now: float) -> bool:
        """Have a hook run before the router moves to that state. Return whether there is one to wait for."""
        if self.params.hooks is None or not self.has(hook):
            return False
        until = now + self.params.hooks.patience(hook)
        self.router.hooks.wait = HookWait(hook, now, until)
        self.router.hooks.told = self.router.hooks.owed = None
        self._run(hook, state, priority, now, until)
        return True

    def refuse(self, wait: HookWait, now: float) -> bool:
        """Whether a takeover must be given up because its hook has ended like this."""
        if self.params.hooks is None or not self.params.hooks.refuse or wait.result is HookResult.OK:
            return False
        self.router.hooks.retry_at = now + RETRY
        detail = f"no takeover: {wait.hook} {wait.outcome}; it is tried again when this host would serve"
        self.out.append(Warned(self.params.name, "hooks", "refused", detail))
        return True

    def moved(self, state: State, priority: int, now: float) -> None:
        """The router is in this state now. If its VIPs must go, that is told when they are gone."""
        self.cancel()
        record, known = self.router.hooks, _KNOWN.get(state, state)
        if record.told is known:
            return
        record.told, record.owed, record.state = known, _AFTER[state], state
        if state is State.MASTER:
            self.tell(priority, now)

    def tell(self, priority: int, now: float) -> None:
        """Run what is owed. Unless the router is MASTER, its VIPs must be gone."""
        record = self.router.hooks
        owed, record.owed = record.owed, None
        if owed is not None and self.has(owed):
            self._run(owed, record.state, priority, now, inf)

    def checked(self, check: str, priority: int, now: float, *, up: bool) -> None:
        """A check has another verdict."""
        if self.has(Hook.ON_CHECK) and check in self.params.checks:
            self._run(Hook.ON_CHECK, self.router.state, priority, now, inf, check, up=up)

    def cancel(self) -> None:
        """Wait no longer: what the hook was asked for does not happen, or has happened."""
        record = self.router.hooks
        wait, record.wait, record.leave = record.wait, None, None
        if wait is not None and wait.result is None:
            self.out.append(CancelHook(self.params.name, wait.asked_at))

    def _run(
        self,
        hook: Hook,
        state: State,
        priority: int,
        now: float,
        until: float,
        check: str = "",
        *,
        up: bool | None = None,
    ) -> None:
        self.out.append(RunHook(self.params.name, hook, now, state, priority, until, check, up))
