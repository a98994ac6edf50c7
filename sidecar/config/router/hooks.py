"""Programs that are run when a virtual router moves."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.check_scalars import User
from sidecar.config.values.program import unsafe
from sidecar.config.values.scalars import Seconds, Text
from sidecar.core.hook import Hook, HookParams
from sidecar.plan.hooks import HookCommand, HookPrograms

_SHORTEST: Final = 0.01
_LONGEST: Final = 10.0
_LONG: Final = 2.0
_LONGEST_POST: Final = 600.0

Program = Annotated[tuple[Text, ...] | None, Field(min_length=1, max_length=64)]


@rule()
def safe_programs(entry: Entry["Hooks"]) -> Iterator[Finding]:
    """Programs that run beside us must be root's alone to change."""
    for hook, argv in entry.model.commands():
        yield from unsafe(argv[0], (*entry.path, hook.value, 0))


@rule("timeout")
def timeout_range(entry: Entry["Hooks"]) -> Iterator[Finding]:
    """For so long nobody serves, because a program hangs."""
    if not _SHORTEST <= entry.model.timeout <= _LONGEST:
        yield Finding((*entry.path, "timeout"), "hook-timeout", "out of range; write 10ms to 10s")


@rule("post_timeout")
def post_timeout_range(entry: Entry["Hooks"]) -> Iterator[Finding]:
    """Those that follow wait for so long."""
    if not _SHORTEST <= entry.model.post_timeout <= _LONGEST_POST:
        yield Finding((*entry.path, "post_timeout"), "hook-timeout", "out of range; write 10ms to 10m")


@rule(*Hook, "timeout", "on_fail")
def hooks_without_effect(entry: Entry["Hooks"]) -> Iterator[Finding]:
    """Keys about hooks that are not there."""
    has = {hook for hook, _ in entry.model.commands()}
    if not has and entry.wrong:
        return  # a word of another program, which its finding translates
    if not has:
        message = (
            "names no program; write one such as `post_acquire: [/etc/vip-sidecar/acquired.sh]`, or remove"
        )
        yield warning(entry.path, "no-effect", message, at_key=True)
        return
    if "on_fail" in entry.given and Hook.PRE_ACQUIRE not in has:
        yield warning(
            (*entry.path, "on_fail"), "no-effect", "is about `pre_acquire`, which is not there; remove"
        )
    if "timeout" in entry.given and not has & {Hook.PRE_ACQUIRE, Hook.PRE_RELEASE}:
        message = (
            "is about `pre_acquire` and `pre_release`, which are not there; write `post_timeout`, or remove"
        )
        yield warning((*entry.path, "timeout"), "no-effect", message)
    if _LONG < entry.model.timeout <= _LONGEST and Hook.PRE_ACQUIRE in has:
        message = f"if the program hangs, nobody serves for {entry.model.timeout:g} s more; keep it short"
        yield warning((*entry.path, "timeout"), "hook-timeout", message)


class Hooks(StrictModel):
    """Programs that are run when the router moves, with INSTANCE, its name, the state and the priority."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (
        safe_programs,
        timeout_range,
        post_timeout_range,
        hooks_without_effect,
    )

    pre_acquire: Program = None
    """Before this host takes the VIPs, which waits for it: absolute path and arguments, no shell."""
    post_acquire: Program = None
    """After this host has taken the VIPs."""
    pre_release: Program = None
    """Before a stop, a drain or a failover takes the VIPs away, which waits for it, at most 500ms."""
    post_release: Program = None
    """After the VIPs are gone from this host, after a takeover that was given up, and after a fault."""
    post_fault: Program = None
    """After this host has entered FAULT."""
    on_check: Program = None
    """After a check that the router depends on has another verdict: CHECK, its name and UP or DOWN follow."""
    timeout: Seconds = 0.5
    """How long a takeover waits for `pre_acquire` at most, 10ms to 10s; then the program is ended."""
    post_timeout: Seconds = 30.0
    """How long a program may run that nothing waits for, 10ms to 10m; later ones wait for its end."""
    on_fail: Literal["proceed", "refuse"] = "proceed"
    """When `pre_acquire` has not ended with 0 in time: take over all the same, or try again later."""
    user: User | None = None
    """User of the programs; absent: the user of the sidecar, without its capabilities."""

    def commands(self) -> list[tuple[Hook, tuple[str, ...]]]:
        """Return the hooks that have a program, with its command line."""
        found = ((hook, getattr(self, hook.value)) for hook in Hook)
        return [(hook, argv) for hook, argv in found if argv is not None]

    def params(self) -> HookParams:
        """Return what the router needs to know."""
        hooks = tuple(hook for hook, _ in self.commands())
        return HookParams(hooks, self.timeout, refuse=self.on_fail == "refuse")

    def plan(self, router: str, addresses: tuple[str, ...]) -> HookPrograms:
        """Return what the process needs to know that runs them."""
        commands = tuple(HookCommand(hook, argv) for hook, argv in self.commands())
        return HookPrograms(router, commands, self.post_timeout, self.user, addresses)
