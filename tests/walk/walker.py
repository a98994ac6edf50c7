"""Walking through a page: each of its commands is typed, and what it prints is compared with the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from tests.netns.lab import wait_until
from tests.walk.machine import CommandFailedError
from tests.walk.page import Step

_LOOKS: Final = ("vip-sidecar status", "systemctl is-active", "curl ")
"""A command that only looks is typed again until it says what the page shows, as a reader would do."""
_PATIENCE: Final = 15.0
"""Seconds on a quiet machine: more than three intervals and a skew, after which a daemon takes over."""


class Host(Protocol):
    """Where lines are typed: a Machine, or a container with a systemd of its own."""

    @property
    def name(self) -> str:
        """As the page calls it."""

    def type(self, line: str) -> str:
        """Type a line, and return what it printed. CommandFailedError if it fails."""


class Walker:
    """Types commands into machines. `groups`: what stands for several hosts, such as `both`.

    Unless `exact`, the page shows another pair's output: then only the exit codes count.
    """

    def __init__(
        self,
        machines: Mapping[str, Host],
        groups: Mapping[str, Sequence[str]] | None = None,
        *,
        exact: bool = True,
    ) -> None:
        self._machines = machines
        self._groups = groups or {}
        self._exact = exact

    def walk(self, steps: Sequence[Step]) -> None:
        """Type all of them."""
        for step in steps:
            self.type(step)

    def type(self, step: Step) -> None:
        """Type one line where its prompt says. AssertionError or TimeoutError has what was printed."""
        for name in self._groups.get(step.host, [step.host]):
            self._type(self._machines[name], step)

    def _type(self, machine: Host, step: Step) -> None:
        about = f"{step.place}: {machine.name}# {step.line}"
        if not any(word in step.line for word in _LOOKS):
            printed = machine.type(step.line)
            assert not self._exact or step.agrees(printed), f"{about}\n{printed}"
            return
        printed = ""

        def seen() -> bool:
            nonlocal printed
            try:
                printed = machine.type(step.line)
            except CommandFailedError as failed:
                printed = str(failed)
                return False
            return not self._exact or step.agrees(printed)

        try:
            wait_until(seen, _PATIENCE, about)
        except TimeoutError as error:
            error.add_note(printed)
            raise


def logs(folder: Path, characters: int = 4000) -> str:
    """The end of every log of the machines below a folder, for a note to a failure."""
    found = sorted(folder.glob("*/*.log"))
    return "\n".join(f"--- {log}\n{log.read_text(errors='replace')[-characters:]}" for log in found)
