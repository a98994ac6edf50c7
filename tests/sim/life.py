"""The lives of a process: what was planned in one of them does not happen in the next."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Life:
    """`number` counts the starts and ends of a process."""

    number: int = 0

    def next(self) -> None:
        """The process starts, or has ended."""
        self.number += 1

    def only(self, do: Callable[[], None]) -> Callable[[], None]:
        """Return what does it in this life, and nothing in a later one."""
        life = self.number
        return lambda: do() if self.number == life else None
