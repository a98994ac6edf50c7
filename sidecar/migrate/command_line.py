"""The command line in a statement that names a script, as keepalived takes it apart."""

from dataclasses import dataclass
from typing import Final

from sidecar.migrate.tree import Statement
from sidecar.migrate.words import Word

_QUOTE: Final = "'"
"""Quotes a text where a script is named, beside the quotation marks that quote one anywhere."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A program with its arguments, and the words behind it.

    keepalived passes on what is quoted together with the path. Words behind that are a user and a group where
    a state is notified, and nothing where a script is a check.
    """

    text: str
    after: tuple[Word, ...]
    quoted: bool


def command_line(statement: Statement) -> CommandLine:
    """Return the command line of a statement with at least one value."""
    first, *rest = statement.values
    if first.quoted or not first.text.startswith(_QUOTE):
        return CommandLine(first.text, tuple(rest), first.quoted)
    for count, word in enumerate(statement.values, 1):
        if word.text.endswith(_QUOTE) and (count > 1 or len(word.text) > 1):
            text = " ".join(each.text for each in statement.values[:count])
            return CommandLine(text[1:-1], statement.values[count:], quoted=True)
    return CommandLine(" ".join(word.text for word in statement.values), (), quoted=False)
