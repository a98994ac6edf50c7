"""The programs of the hooks of one virtual router, for the process that runs them."""

from dataclasses import dataclass

from sidecar.core.hook import Hook
from sidecar.plan.check import Identity


@dataclass(frozen=True, slots=True)
class HookCommand:
    """The program of a hook, with the arguments that the configuration gives it."""

    hook: Hook
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HookPrograms:
    """Those of one router. `addresses` are its VIPs. `post_timeout`: seconds of a hook that nobody waits for.

    `user` None: the user of the process that runs them.
    """

    router: str
    commands: tuple[HookCommand, ...]
    post_timeout: float = 30.0
    user: Identity | None = None
    addresses: tuple[str, ...] = ()

    def argv(self, hook: Hook) -> tuple[str, ...]:
        """Return the command line of a hook, empty if there is none."""
        return next((each.argv for each in self.commands if each.hook is hook), ())
