"""The outcome of each statement: the report in data."""

from dataclasses import dataclass, field
from enum import StrEnum

from sidecar.migrate.place import Place
from sidecar.migrate.tree import Statement
from sidecar.migrate.words import Word


class Verdict(StrEnum):
    """The outcome of a statement."""

    MAPPED = "mapped"
    APPROXIMATED = "approximated"
    DROPPED = "dropped"
    DECIDE = "to decide"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: a statement as it stood, and what became of it or why it did not."""

    verdict: Verdict
    place: Place
    said: str
    text: str


@dataclass(slots=True)
class Findings:
    """All lines of the report for one file, in the order in which they were found."""

    items: list[Finding] = field(default_factory=list)
    _places: set[Place] = field(default_factory=set)
    _continued: dict[Place, Place] = field(default_factory=dict)

    def add(self, verdict: Verdict, at: Statement | Word, text: str) -> None:
        """Add a line about a statement, or about one word of a list."""
        place, said = (at.place, at.text) if isinstance(at, Word) else (at.place, shown(at))
        self.items.append(Finding(verdict, place, said, text))
        self._places.add(place)

    def together(self, at: Statement, earlier: Statement) -> None:
        """Say that a block goes on where an earlier one of the same keyword ended."""
        self.mapped(at, f"together with the block in line {earlier.place.line}")
        self._continued[at.place] = earlier.place

    def opened(self, block: Statement) -> Place:
        """Return where a block began, which is elsewhere if it continues another."""
        return self._continued.get(block.place, block.place)

    def told(self, statement: Statement) -> bool:
        """Whether there is a line about it, or about a word of it."""
        return not self._places.isdisjoint(word.place for word in statement.words)

    def mapped(self, at: Statement | Word, ours: str) -> None:
        """Say that it is there under our key."""
        self.add(Verdict.MAPPED, at, ours)

    def approximated(self, at: Statement | Word, how: str) -> None:
        """Say that something near is there."""
        self.add(Verdict.APPROXIMATED, at, how)

    def dropped(self, at: Statement | Word, why: str) -> None:
        """Say that nothing is there, and that nothing is needed."""
        self.add(Verdict.DROPPED, at, why)

    def decide(self, at: Statement | Word, what: str) -> None:
        """Say that a person has to look at it."""
        self.add(Verdict.DECIDE, at, what)


_SECRET = frozenset({"auth_pass", "key"})
"""Words, at the beginning of a statement or behind another one in its line, before what nobody must read."""
_LONGEST = 60


def shown(statement: Statement) -> str:
    """A statement as the report shows it: on one line, bounded, no secret."""
    words = [word.text for word in statement.words]
    secret = next((at for at, word in enumerate(words) if word in _SECRET), len(words))
    if secret < len(words):
        words = [*words[: secret + 1], "..."]
    text = " ".join(words)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
