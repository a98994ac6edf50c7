"""Carrying out what the core wants."""

from collections.abc import Iterable, Iterator

from sidecar.core.actions import Action, Announce, CancelHook, Command, RunHook
from sidecar.core.events import AdvertSent, Event, SendFailed
from sidecar.net.network import Network
from sidecar.router.hook_desk import HookDesk
from sidecar.router.reporter import RouterReporter


def carried_out(
    actions: Iterable[Action], network: Network, hooks: HookDesk, reporter: RouterReporter
) -> Iterator[Event]:
    """Carry out the commands in their order. Yield as events what is known of them at once."""
    unheard: set[str] = set()
    for action in actions:
        if isinstance(action, RunHook | CancelHook):
            hooks.perform(action)
            continue
        if not isinstance(action, Command) or (
            isinstance(action, Announce) and action.if_heard and action.router in unheard
        ):
            continue
        answer = network.perform(action)
        if answer is None or isinstance(answer, AdvertSent):
            reporter.performed(action)
        elif isinstance(answer, SendFailed) and answer.unheard:
            unheard.add(answer.router)
        if answer is not None:
            yield answer
