"""What a router waits for, or owes, because of its hooks. Times are seconds of the core's clock."""

from dataclasses import dataclass, replace
from math import inf

from sidecar.core.events import HookEnded
from sidecar.core.hook import Hook, HookResult
from sidecar.core.state import Reason, State


@dataclass(frozen=True, slots=True)
class HookWait:
    """A hook that was asked for at that moment, which names it, and how it has ended, if so."""

    hook: Hook
    asked_at: float
    until: float
    """The router waits no longer, whatever the hook does."""
    result: HookResult | None = None
    detail: str = ""

    @property
    def outcome(self) -> str:
        """What became of it, in words."""
        if self.result in (None, HookResult.TIMEOUT):
            return f"has not ended within {self.until - self.asked_at:g} s"
        return f"has not succeeded ({self.result}{f': {self.detail}' if self.detail else ''})"

    def over(self, now: float) -> bool:
        """Whether the router goes on."""
        return self.result is not None or now >= self.until


@dataclass(frozen=True, slots=True)
class Leave:
    """A planned move that waits for `pre_release`. Until then the router serves at the priority it had."""

    reason: Reason
    detail: str
    priority: int


@dataclass(slots=True)
class HookRecord:
    """The waits of one router, and what its hooks have been told."""

    wait: HookWait | None = None
    leave: Leave | None = None
    told: State | None = State.BACKUP
    """The state that the hooks were told last. None: they were told of a move that is under way."""
    owed: Hook | None = None
    """To be run when the kernel has confirmed that the VIPs are gone."""
    state: State = State.BACKUP
    """The state that what is owed is about."""
    retry_at: float = -inf
    """No takeover before that: the last one was refused by its hook."""

    @property
    def waits_for(self) -> Hook | None:
        """The hook whose end is waited for."""
        return None if self.wait is None or self.wait.result is not None else self.wait.hook

    @property
    def deadline(self) -> float:
        """When the router waits no longer. Infinity: it does not wait, or for something else."""
        return inf if self.wait is None or self.wait.result is not None else self.wait.until

    def ended(self, event: HookEnded) -> None:
        """A hook has ended. One that was given up means nothing any more."""
        wait = self.wait
        if wait is None or wait.result is not None:
            return
        if (wait.hook, wait.asked_at) == (event.hook, event.asked_at):
            self.wait = replace(wait, result=event.result, detail=event.detail)
