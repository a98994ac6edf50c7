"""The exec check: a program that exits with 0.

No shell, no privilege, no environment, and nothing of it survives the deadline (`programs/` has the
order). A program that cannot be run is an ERROR and counts as a failure.
"""

from collections.abc import Sequence
from math import ceil
from typing import Final

from sidecar.checks.probe import Finding, ProbeProgress, Tools, Watch
from sidecar.checks.schedule import Polled, pace_of
from sidecar.core.health.result import Outcome
from sidecar.plan.check import ExecCheck, Identity
from sidecar.programs.ended_words import how_it_ended
from sidecar.programs.fork_server import ForkServer
from sidecar.programs.supervised_program import Ended, SupervisedProgram

_TAIL: Final = 4 * 1024
"""Bytes of the output that are kept, the last ones."""
_GONE: Final = 1.0


def build(check: ExecCheck, tools: Tools) -> Watch:
    """Return the watch of an exec check."""
    tools.programs.prepare()
    probe = ExecProbe(check.argv, check.user, check.timeout, tools.programs)
    return Polled(probe, pace_of(check), tools.stalls)


class ExecProbe:
    """Runs the program once. Processes that its watcher cannot kill are waited for."""

    def __init__(
        self, argv: Sequence[str], user: Identity | None, deadline: float, programs: ForkServer
    ) -> None:
        who = ("-", "-") if user is None else (str(user.uid), str(user.gid))
        arguments = (*who, str(ceil(deadline + _GONE)), *argv)
        self._name = argv[0]
        self._program = SupervisedProgram(programs, "confined", arguments, keep=_TAIL)

    async def __call__(self, phase: ProbeProgress) -> Finding:
        """Pass when the program exits with 0 before the deadline, which kills it otherwise."""
        phase.reached = "the last run is still there and cannot be killed"
        await self._program.settled()
        phase.reached = "the program has not ended"
        try:
            run = await self._program.run()
        except OSError as error:
            return Finding(Outcome.ERROR, f"the program could not be run: {error.strerror}")
        if run.failed:
            return Finding(Outcome.ERROR, f"the program could not be run: {self._name}: {run.failed}")
        return _judge(run)


def _judge(run: Ended) -> Finding:
    if run.status is None:
        return Finding(Outcome.ERROR, how_it_ended(run))
    return Finding(Outcome.PASS if run.status == 0 else Outcome.FAIL, how_it_ended(run))
