"""The order of the hooks of one router: one at a time, and the latest state wins. Pure.

A hook that the router waits for goes first: whatever runs is ended for it, and what still waits about an
earlier state is dropped. One that tells of a state takes the place of those that wait and tell of an earlier
one; one that tells of a check, of that about the same check. Everything else runs in the order in which it
was asked for.
"""

from dataclasses import dataclass, field

from sidecar.core.actions import RunHook
from sidecar.core.hook import Hook


@dataclass(frozen=True, slots=True)
class Superseded:
    """What follows from a request: these need not begin, and with `end` the one that runs must end."""

    dropped: tuple[RunHook, ...] = ()
    end: bool = False


@dataclass(slots=True)
class Lane:
    """What runs, and what waits, the next one first."""

    running: RunHook | None = None
    waiting: list[RunHook] = field(default_factory=list)

    def ask(self, run: RunHook) -> Superseded:
        """Have it run when its turn comes."""
        dropped = tuple(each for each in self.waiting if _replaces(run, each))
        self.waiting = [each for each in self.waiting if each not in dropped]
        if not run.hook.waited_for:
            self.waiting.append(run)
            return Superseded(dropped)
        self.waiting.insert(0, run)
        return Superseded(dropped, end=self.running is not None)

    def cancel(self, asked_at: float) -> Superseded:
        """The router does not wait for this one any more."""
        dropped = tuple(each for each in self.waiting if each.hook.waited_for and each.asked_at == asked_at)
        self.waiting = [each for each in self.waiting if each not in dropped]
        running = self.running
        end = running is not None and running.hook.waited_for and running.asked_at == asked_at
        return Superseded(dropped, end)

    def next(self) -> RunHook | None:
        """Return what begins now, None if nothing waits or one runs still."""
        if self.running is not None or not self.waiting:
            return None
        self.running = self.waiting.pop(0)
        return self.running

    def ended(self) -> None:
        """Nothing is left of the one that ran."""
        self.running = None


def _replaces(new: RunHook, old: RunHook) -> bool:
    if new.hook is Hook.ON_CHECK:
        return old.hook is Hook.ON_CHECK and old.check == new.check
    return old.hook is not Hook.ON_CHECK
