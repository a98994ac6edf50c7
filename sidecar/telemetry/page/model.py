"""The content of the page before it is HTML or text: sentences, cards, tables. Foreign texts are bounded."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sidecar.telemetry.page.columns import COLUMNS

MOST_ROWS: Final = 100
"""Rows of a table. The worst are first; the others are counted."""
LONGEST: Final = 240
"""Letters of a text that a check, a peer or another host has said."""


class Tone(StrEnum):
    """How bad something is: a colour, and a symbol for those who see no colour."""

    BAD = "bad"
    LOOK = "look"
    IDLE = "idle"
    WELL = "well"

    @property
    def symbol(self) -> str:
        """The symbol of this tone."""
        return _SYMBOLS[self]

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Tone).index(self)


_SYMBOLS: Final = {Tone.BAD: "\u2717", Tone.LOOK: "!", Tone.IDLE: "\u00b7", Tone.WELL: "\u2713"}


@dataclass(frozen=True, slots=True)
class Banner:
    """The verdict in one sentence, and the other reasons for it."""

    tone: Tone
    node: str
    sentence: str
    reasons: tuple[str, ...]
    clock: str

    @property
    def title(self) -> str:
        """The title, which a tab of the browser shows."""
        return f"{self.tone.symbol} {self.node}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a card."""

    label: str
    text: str
    tone: Tone = Tone.IDLE


@dataclass(frozen=True, slots=True)
class RouterLine:
    """A virtual router on a card."""

    name: str
    state: str
    tone: Tone
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A host. `more` counts the virtual routers that have no line."""

    name: str
    note: str
    tone: Tone
    facts: tuple[Fact, ...]
    routers: tuple[RouterLine, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to another page."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. Its tone is that of the first cell. In HTML the last cell is these links, if any."""

    tone: Tone
    cells: tuple[str, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a kind that columns.py has. `note` stands below it; without rows it stands alone."""

    kind: str
    title: str
    rows: tuple[Row, ...]
    note: str = ""

    @property
    def heads(self) -> tuple[str, ...]:
        """The names of its columns."""
        return COLUMNS[self.kind]


@dataclass(frozen=True, slots=True)
class Command:
    """A command to copy."""

    text: str
    does: str


@dataclass(frozen=True, slots=True)
class Course:
    """The line of a virtual router: data of an SVG path for each kind, the same in letters, and in words."""

    name: str
    paths: tuple[tuple[str, str], ...]
    letters: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Who served. `ticks` are the times of its beginning, its middle and its end."""

    title: str
    ticks: tuple[str, str, str]
    courses: tuple[Course, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything, in the order in which it is shown."""

    banner: Banner
    cards: tuple[Card, ...] = ()
    tables: tuple[Table, ...] = ()
    commands: tuple[Command, ...] = ()
    links: tuple[Link, ...] = ()
    timeline: Timeline | None = None


def table(kind: str, title: str, rows: list[Row], note: str = "") -> Table:
    """Return a table, worst rows first. Rows that have no room are counted by their tone."""
    rows = sorted(rows, key=lambda row: row.tone.rank)
    left = rows[MOST_ROWS:]
    if left:
        worst = f", the worst of them {left[0].tone.symbol}"
        note = " ".join(filter(None, (f"{len(left)} more have no room here{worst}: see /status.json.", note)))
    return Table(kind, title, tuple(rows[:MOST_ROWS]), note)
