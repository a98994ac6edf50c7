"""The file check in the configuration."""

from typing import ClassVar, Final

from sidecar.config.check.polled import PolledModel
from sidecar.config.values.check_scalars import AbsolutePath
from sidecar.config.values.scalars import Flag
from sidecar.plan.check import FileCheck


class FileModel(PolledModel):
    """A flag for maintenance, set by making a file."""

    kind: ClassVar[str] = "file"

    file: AbsolutePath
    """Flag for maintenance: while this file exists the check fails. See `present`."""
    present: Flag = False
    """Inverted: the check fails while the file does not exist."""

    def plan(self, name: str) -> FileCheck:
        """Return its plain form."""
        return FileCheck(name, str(self.file), self.present, **self.pace())


MODEL: Final = FileModel
