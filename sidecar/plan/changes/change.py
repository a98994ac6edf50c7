"""One difference between two plans."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

NOBODY: Final = "nobody notices"
"""The effect of what is seen neither by clients nor by other hosts."""


class Mark(StrEnum):
    """Added, removed or changed at the path."""

    ADDED = "+"
    REMOVED = "-"
    CHANGED = "~"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its place in the file, and what follows from it.

    `path` is written as in messages about the file: `virtual_routers.web.priority`. `old` and `new` are shown
    values, empty where there is none or where it is secret. `effect` is one sentence: who notices.
    """

    mark: Mark
    path: str
    effect: str
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        values = (
            f"{self.old} -> {self.new}" if self.mark is Mark.CHANGED and self.new else self.old or self.new
        )
        return f"{self.mark} {self.path}{' ' if values else ''}{values} ({self.effect})"


def added(path: str, effect: str, value: str = "") -> Change:
    """Return that something is new."""
    return Change(Mark.ADDED, path, effect, new=value)


def removed(path: str, effect: str, value: str = "") -> Change:
    """Return that something goes."""
    return Change(Mark.REMOVED, path, effect, old=value)


def changed(path: str, effect: str, old: str = "", new: str = "") -> Change:
    """Return that something becomes something else; without values, it is a secret."""
    return Change(Mark.CHANGED, path, effect, old, new)


def as_text(changes: Iterable[Change]) -> str:
    """Return the changes for people: a line each, and how many there are."""
    lines = [str(change) for change in changes]
    if not lines:
        return "nothing changes\n"
    count = "1 change" if len(lines) == 1 else f"{len(lines)} changes"
    return "".join(f"{line}\n" for line in [*lines, count])


def as_data(changes: Iterable[Change]) -> list[dict[str, str]]:
    """Return the changes for programs, ready for JSON."""
    return [{name: str(value) for name, value in asdict(change).items()} for change in changes]
