"""Changes of the programs of hooks. When they are run and waited for is a matter of the router."""

from collections.abc import Iterator

from sidecar.core.hook import HookParams
from sidecar.core.router.identity import match
from sidecar.plan.changes.change import NOBODY, Change, added, changed, removed
from sidecar.plan.changes.rule import differences, elsewhere, table, value
from sidecar.plan.changes.shown import program, seconds
from sidecar.plan.hooks import HookCommand, HookPrograms
from sidecar.plan.plan import Plan

_NEXT = "it counts from the next run"


def hook_changes(old: Plan, new: Plan) -> Iterator[Change]:
    """Yield what changes about the programs of routers that go on; one that begins brings its own."""
    before = {each.router: each for each in old.observer.hooks}
    after = {each.router: each for each in new.observer.hooks}
    for was, becomes in match(old.node.routers, new.node.routers).kept:
        none = HookPrograms(becomes.name, ())
        have, get = before.get(was.name, none), after.get(becomes.name, none)
        yield from differences(f"virtual_routers.{becomes.name}.hooks", have, get)


def _commands(path: str, old: tuple[HookCommand, ...], new: tuple[HookCommand, ...]) -> Iterator[Change]:
    before, after = ({each.hook: each.argv for each in commands} for commands in (old, new))
    for hook in dict.fromkeys((*before, *after)):
        here = f"{path}.{hook}"
        if hook not in after:
            yield removed(here, "it is run no more", program(before[hook]))
        elif hook not in before:
            yield added(here, "it is run from the next move on", program(after[hook]))
        elif before[hook] != after[hook]:
            yield changed(here, f"{_NEXT}; {NOBODY}", program(before[hook]), program(after[hook]))


table(
    HookPrograms,
    router=elsewhere,
    commands=_commands,
    post_timeout=value("post_timeout", _NEXT, seconds),
    user=value("user", _NEXT),
    addresses=elsewhere,
)
table(
    HookParams,
    hooks=elsewhere,  # each of them is told with its program
    timeout=value("timeout", "a takeover waits for `pre_acquire` accordingly shorter or longer", seconds),
    refuse=value(
        "on_fail",
        "a takeover whose `pre_acquire` fails is refused, or goes on",
        lambda refuse: "refuse" if refuse else "proceed",
    ),
)
