"""Values of statements, read as keepalived reads them: out of range means its default, and that is told."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Generic, TypeVar

from sidecar.migrate.finding import Findings
from sidecar.migrate.place import Place
from sidecar.migrate.tree import Statement
from sidecar.migrate.words import Word

T = TypeVar("T")

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,9}")
_DECIMAL: Final = re.compile(r"\+?(?:[0-9]{1,9}(?:\.[0-9]{0,99})?|\.[0-9]{1,99})")
_MICROSECOND: Final = Decimal("0.000001")
_YES: Final = frozenset({"true", "on", "yes"})
BEHIND: Final = "keepalived does not read what follows here: write one statement a line"
_INTERFACE: Final = re.compile(r"[^\s/:$<>{}()\[\]|@\"'`*?]{1,15}")
"""Names that Linux takes, without the signs of what was meant to be replaced, and `@` of `ip link`."""
_NO: Final = frozenset({"false", "off", "no"})


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value and where it stands."""

    value: T
    place: Place


def whole(statement: Statement, low: int, high: int, findings: Findings) -> Fact[int] | None:
    """Return the whole number of a statement; None after telling that it has none."""
    word = _first(statement, findings)
    if word is None:
        return None
    if not _WHOLE.fullmatch(word.text) or not low <= int(word.text) <= high:
        findings.decide(statement, f"{said(word)} is no whole number from {low} to {high}; correct it")
        return None
    return Fact(int(word.text), word.place)


def seconds(statement: Statement, findings: Findings) -> Fact[Decimal] | None:
    """Return the seconds of a statement, rounded to microseconds; None after telling that it has none."""
    word = _first(statement, findings)
    if word is None:
        return None
    if not _DECIMAL.fullmatch(word.text):
        findings.decide(statement, f"{said(word)} is no number of seconds; correct it")
        return None
    value = Decimal(word.text)
    rounded = value.quantize(_MICROSECOND, ROUND_HALF_UP)
    return Fact(value if value == rounded else rounded, word.place)


def switch(statement: Statement, findings: Findings) -> Fact[bool] | None:
    """Return true for a keyword alone or one that is switched on."""
    word = statement.values[0] if statement.values else None
    if word is None or word.text in _YES:
        return Fact(value=True, place=statement.place)
    if word.text in _NO:
        return Fact(value=False, place=statement.place)
    findings.decide(statement, f"{said(word)} is neither on nor off; correct it")
    return None


def text(statement: Statement, findings: Findings) -> Fact[str] | None:
    """Return the first value of a statement; None after telling that it has none."""
    word = _first(statement, findings)
    return None if word is None else Fact(word.text, word.place)


def is_interface(name: str) -> bool:
    """Say whether something can be the name of an interface."""
    return _INTERFACE.fullmatch(name) is not None and name not in (".", "..")


def said(word: Word) -> str:
    """Return a word as a message shows it, and why it may not be what was meant."""
    shown = word.text if len(word.text) <= 40 else f"{word.text[:37]}..."  # noqa: PLR2004
    return f"{shown} (no such definition)" if word.text.startswith("$") else shown


def _first(statement: Statement, findings: Findings) -> Word | None:
    if statement.values:
        return statement.values[0]
    findings.decide(statement, f"{statement.keyword} has no value; write one")
    return None


def duration(value: Decimal) -> str:
    """Seconds as our configuration writes them: `1s`, `100ms`, `1.5s`."""
    if value and value < 1 and value * 1000 == (value * 1000).to_integral_value():
        return f"{int(value * 1000)}ms"
    return f"{value.normalize():f}s"
