"""The exec check in the configuration."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from pydantic import Field

from sidecar.config.check.polled import PolledModel
from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.values.check_scalars import User
from sidecar.config.values.program import unsafe
from sidecar.config.values.scalars import Text
from sidecar.plan.check import ExecCheck

_OFTEN: Final = 0.2


@rule("exec")
def safe_program(entry: Entry["ExecModel"]) -> Iterator[Finding]:
    """A program that runs beside us must be root's alone to change. It is asked again before each run."""
    yield from unsafe(entry.model.exec[0], (*entry.path, "exec", 0))


@rule("every", "timeout")
def costly_program(entry: Entry["ExecModel"]) -> Iterator[Finding]:
    """Starting a program costs some 8 ms of a processor."""
    if entry.model.interval < _OFTEN:
        message = "each run starts a process, some 8 ms of a processor; write 200ms or more"
        yield warning((*entry.path, "every"), "exec-often", message)


class ExecModel(PolledModel):
    """A program exits with 0."""

    kind: ClassVar[str] = "exec"
    rules: ClassVar[tuple[Rule[Any], ...]] = (*PolledModel.rules, safe_program, costly_program)

    exec: tuple[Text, ...] = Field(min_length=1, max_length=64)
    """Program that must exit with 0: absolute path and arguments, no shell."""
    user: User | None = None
    """User of the program; absent: the user of the sidecar, without its capabilities."""

    def plan(self, name: str) -> ExecCheck:
        """Return its plain form."""
        return ExecCheck(name, self.exec, self.user, **self.pace())


MODEL: Final = ExecModel
