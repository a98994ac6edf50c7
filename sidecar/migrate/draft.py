"""The statements of a file, block by block, before they are translated."""

from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.migrate.finding import Findings
from sidecar.migrate.place import Place
from sidecar.migrate.tree import Statement
from sidecar.migrate.words import Word

NO_STATEMENT: Final = Statement((Word("", Place("", 1, 1)),))
"""Opens what is no block: `global_defs` may be absent, or stand several times."""


@dataclass(slots=True)
class Draft:
    """A block: the statement that opens it, and the last statement of each keyword in it."""

    opening: Statement = NO_STATEMENT
    said: dict[str, Statement] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The first value of the opening statement; "" if it has none."""
        values = self.opening.values
        return values[0].text if values else ""

    def words_of(self, keyword: str) -> tuple[Statement, ...]:
        """Return the statements in the block of a keyword."""
        return self.said[keyword].body if keyword in self.said else ()


def keep(draft: Draft, statement: Statement, findings: Findings) -> None:
    """Put a statement aside until its block is complete. Blocks add up, of statements the last counts."""
    earlier = draft.said.get(statement.keyword)
    if earlier is not None and earlier.block is not None and statement.block is not None:
        findings.together(statement, earlier)
        statement = replace(earlier, block=(*earlier.block, *statement.block))
    elif earlier is not None:
        findings.dropped(earlier, f"said again in line {statement.place.line}, where it counts")
    draft.said[statement.keyword] = statement


def keep_first(draft: Draft, statement: Statement, findings: Findings) -> None:
    """Put a statement aside of which keepalived takes the first."""
    earlier = draft.said.setdefault(statement.keyword, statement)
    if earlier is not statement:
        findings.dropped(statement, f"said before in line {earlier.place.line}, which counts")


def keep_version(draft: Draft, statement: Statement, findings: Findings) -> None:
    """Put a statement aside of which keepalived takes the first that has a value it knows."""
    earlier = draft.said.get(statement.keyword)
    known = earlier is not None and [word.text for word in earlier.values[:1]] in (["2"], ["3"])
    (keep_first if known else keep)(draft, statement, findings)


@dataclass(slots=True)
class Document:
    """All blocks of a file, with those that it includes."""

    global_defs: Draft = field(default_factory=Draft)
    instances: list[Draft] = field(default_factory=list)
    groups: list[Draft] = field(default_factory=list)
    scripts: dict[str, Draft] = field(default_factory=dict)
    processes: dict[str, Draft] = field(default_factory=dict)
    flags: dict[str, Draft] = field(default_factory=dict)
    virtual_servers: list[Draft] = field(default_factory=list)
