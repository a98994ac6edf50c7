"""The file check: a flag that an operator or a script sets by making a file.

As a rule the file means maintenance: while it exists the check fails. `present: true` turns that
round. The name is looked up in a thread of its own, because a dead network filesystem answers never.
"""

import errno
import os
from functools import partial
from pathlib import Path

from sidecar.checks import os_errors
from sidecar.checks.aside import Aside
from sidecar.checks.probe import Finding, ProbeProgress, Tools, Watch
from sidecar.checks.schedule import Polled, pace_of
from sidecar.core.health.result import Outcome
from sidecar.plan.check import FileCheck

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})


def build(check: FileCheck, tools: Tools) -> Watch:
    """Return the watch of a file check."""
    return Polled(FileProbe(Path(check.path), wanted=check.present), pace_of(check), tools.stalls)


class FileProbe:
    """Looks whether the file is there; what is in it is of no interest. A link to nowhere is there."""

    def __init__(self, file: Path, *, wanted: bool = False) -> None:
        self._wanted = wanted
        self._looking = Aside(partial(_exists, file), f"file {file}")

    async def __call__(self, phase: ProbeProgress) -> Finding:
        """Pass while the file is absent, or present if it is wanted. ERROR when nobody can tell."""
        phase.reached = "the filesystem does not answer"
        try:
            there = await self._looking.result()
        except OSError as error:
            finding = os_errors.finding(error)
            return Finding(Outcome.ERROR, f"the check could not look: {finding.detail}")
        outcome = Outcome.PASS if there is self._wanted else Outcome.FAIL
        return Finding(outcome, "the file exists" if there else "the file does not exist")


def _exists(file: Path) -> bool:
    try:
        os.lstat(file)
    except OSError as error:
        if error.errno in _ABSENT:
            return False
        raise
    return True
