"""The process check in the configuration."""

from typing import ClassVar, Final

from sidecar.config.check.base import CheckModel
from sidecar.config.values.scalars import Text
from sidecar.plan.check import ProcessCheck


class ProcessModel(CheckModel):
    """A process of a name runs. Told by the kernel."""

    kind: ClassVar[str] = "process"

    process: Text
    """Name of a process that must run."""

    def plan(self, name: str) -> ProcessCheck:
        """Return its plain form."""
        return ProcessCheck(name, self.process, rise=self.rise, fall=self.fall)


MODEL: Final = ProcessModel
