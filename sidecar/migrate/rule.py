"""The translation of a keyword: one rule each, in tables by block, shown in docs/migrate.md."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from sidecar.migrate.finding import Findings, Verdict
from sidecar.migrate.tree import Statement

D = TypeVar("D")

_UNKNOWN = (
    "is no word of keepalived that the import knows; look it up, keepalived itself ignores unknown ones"
)
_ENDS = (
    "; inside a block, its last brace ends that block for keepalived, which does not see what follows there"
)
_SPACE = "keepalived takes no space before the `=` of a definition, and this is none"
_NEAR = 0.75
"""Likeness of words, 0 to 1, from which on one may be meant for the other."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[D]):
    """How one keyword is translated.

    `read` puts the statement into the draft of its block, and adds the line of the report at once or when the
    draft is complete; without it the line is `note`, under `verdict`. `ours` is the path of our key where
    `sidecar.config.keepalived_words` does not say it.
    """

    verdict: Verdict
    note: str
    ours: str = ""
    read: Callable[[D, Statement, Findings], None] | None = None


Table = Mapping[str, Rule[D]]


def mapped(ours: str, read: Callable[[D, Statement, Findings], None], note: str = "") -> Rule[D]:
    """Return the rule for a keyword that has an equal here."""
    return Rule(Verdict.MAPPED, note, ours, read)


def near(ours: str, note: str, read: Callable[[D, Statement, Findings], None] | None = None) -> Rule[D]:
    """Return the rule for a keyword that has something near here."""
    return Rule(Verdict.APPROXIMATED, note, ours, read)


def dropped(note: str, read: Callable[[D, Statement, Findings], None] | None = None) -> Rule[D]:
    """Return the rule for a keyword that is not needed here."""
    return Rule(Verdict.DROPPED, note, "", read)


def decide(note: str, read: Callable[[D, Statement, Findings], None] | None = None) -> Rule[D]:
    """Return the rule for a keyword that a person has to look at."""
    return Rule(Verdict.DECIDE, note, "", read)


def each(words: str, rule: Rule[Any]) -> dict[str, Rule[Any]]:
    """Return the same rule for several keywords."""
    return dict.fromkeys(words.split(), rule)


def apply(table: Table[D], statements: Iterable[Statement], draft: D, findings: Findings) -> None:
    """Read the statements of a block into its draft. Nothing is left out: what has no rule is told."""
    for statement in statements:
        if not statement.words:
            continue
        rule = table.get(statement.keyword)
        if rule is None and statement.keyword.startswith("$") and statement.words[1:]:
            spaced = statement.words[1].text.startswith("=")
            findings.decide(statement, _SPACE if spaced else f"{statement.keyword} {_UNKNOWN}")
        elif rule is None:
            near = get_close_matches(statement.keyword, table, n=1, cutoff=_NEAR)
            meant = f"; is {near[0]} meant?" if near else ""
            ends = _ENDS if statement.block is not None else ""
            findings.decide(statement, f"{statement.keyword} {_UNKNOWN}{meant}{ends}")
        elif rule.read is None:
            findings.add(rule.verdict, statement, rule.note)
        else:
            rule.read(draft, statement, findings)
