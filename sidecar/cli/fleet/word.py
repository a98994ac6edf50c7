"""The words for how a virtual router is. Pure."""

from enum import IntEnum

from sidecar.cli import exit_codes


class Word(IntEnum):
    """The verdicts, the worst first."""

    TWO_MASTERS = 0
    NO_MASTER = 1
    UNREADABLE = 2
    DEGRADED = 3
    NO_STANDBY = 4
    DRIFT = 5
    DRAINED = 6
    MOVED = 7
    OK = 8

    @property
    def text(self) -> str:
        """As people read it."""
        return self.name.replace("_", " ")

    @property
    def code(self) -> int:
        """The exit code that it demands."""
        if self <= Word.NO_MASTER:
            return exit_codes.BROKEN
        if self is Word.UNREADABLE:
            return exit_codes.UNREACHABLE
        return exit_codes.DEGRADED if self < Word.MOVED else exit_codes.OK
