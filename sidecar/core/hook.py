"""Hooks: programs of the operator that are run when a virtual router moves, or when a check of it changes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PRE_RELEASE_LONGEST: Final = 0.5
"""Seconds for which `pre_release` may keep the VIPs here at most, whatever `timeout` says."""


class Hook(StrEnum):
    """The hooks; the value is the key in the configuration and the label of the counter."""

    PRE_ACQUIRE = "pre_acquire"
    """Before the kernel is asked for the VIPs. A takeover waits for it."""
    POST_ACQUIRE = "post_acquire"
    """The VIPs are here, and the LAN and the peers were told."""
    PRE_RELEASE = "pre_release"
    """Before the VIPs go in a planned move: a stop, a drain, a failover. The move waits for it."""
    POST_RELEASE = "post_release"
    """The VIPs are gone, a takeover was given up, or a fault is over."""
    POST_FAULT = "post_fault"
    """This host cannot hold the VIPs."""
    ON_CHECK = "on_check"
    """A check that the router depends on has another verdict."""

    @property
    def waited_for(self) -> bool:
        """Whether the router waits for its end."""
        return self in (Hook.PRE_ACQUIRE, Hook.PRE_RELEASE)


class HookResult(StrEnum):
    """What became of a hook; the value is the label `result` of the counter."""

    OK = "ok"
    """Exit status 0."""
    FAILED = "failed"
    """It ended otherwise, or could not be run."""
    TIMEOUT = "timeout"
    """It did not end in time, and was ended with all that it had started."""
    SUPERSEDED = "superseded"
    """What it was about is over: it was ended, or not begun."""
    SKIPPED = "skipped"
    """Nobody could run it: there was no observer."""
    LOST = "lost"
    """The observer has ended while it ran, or waited."""


@dataclass(frozen=True, slots=True)
class HookParams:
    """The hooks that a router has. `timeout`: seconds that a takeover waits for `pre_acquire` at most.

    `refuse`: a takeover is given up, and tried again later, unless its `pre_acquire` has ended with 0.
    """

    hooks: tuple[Hook, ...]
    timeout: float = 0.5
    refuse: bool = False

    def patience(self, hook: Hook) -> float:
        """Return for how many seconds the router waits for a hook; 0: it does not."""
        match hook:
            case Hook.PRE_ACQUIRE:
                return self.timeout
            case Hook.PRE_RELEASE:
                return min(self.timeout, PRE_RELEASE_LONGEST)
            case _:
                return 0.0
