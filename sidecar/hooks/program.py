"""One run of a hook: what the program is told, and in which words its end is told.

It is confined as an exec check is: no shell, no privilege, and nothing of it is left when its time is over.
"""

from math import ceil
from typing import Final

from sidecar.core.actions import RunHook
from sidecar.core.hook import Hook, HookResult
from sidecar.core.state import State
from sidecar.plan.hooks import HookPrograms
from sidecar.programs.ended_words import how_it_ended
from sidecar.programs.fork_server import ENVIRONMENT, ForkServer
from sidecar.programs.supervised_program import Ended, SupervisedProgram

_TAIL: Final = 4 * 1024
"""Bytes of the output that are kept, the last ones."""
_GONE: Final = 1.0
_STATES: Final = {State.INIT: "STOP"}
"""The word of keepalived for a router that has ended."""


def arguments(run: RunHook) -> tuple[str, ...]:
    """Return what a hook is told after its own arguments, as by keepalived: INSTANCE name state priority.

    A changed check follows: CHECK name UP or DOWN.
    """
    told = ("INSTANCE", run.router, _STATES.get(run.state, run.state.value), str(run.priority))
    return (*told, "CHECK", run.check, "UP" if run.up else "DOWN") if run.hook is Hook.ON_CHECK else told


def program(run: RunHook, programs: HookPrograms, seconds: float, server: ForkServer) -> SupervisedProgram:
    """Return the program of a hook, which the configuration names, for a run of so many seconds at most."""
    user = programs.user
    who = ("-", "-") if user is None else (str(user.uid), str(user.gid))
    argv = (*programs.argv(run.hook), *arguments(run))
    environment = {
        **ENVIRONMENT,
        "VIP_SIDECAR_HOOK": run.hook.value,
        "VIP_SIDECAR_ADDRESSES": " ".join(programs.addresses),
    }
    return SupervisedProgram(
        server,
        "confined",
        (*who, str(ceil(seconds + _GONE)), *argv),
        keep=_TAIL,
        environment=environment,
    )


def judged(ended: Ended) -> tuple[HookResult, str]:
    """Return what a run that has come to its end was."""
    if ended.failed:
        return HookResult.FAILED, f"the program could not be run: {ended.failed}"
    return HookResult.OK if ended.status == 0 else HookResult.FAILED, how_it_ended(ended)
