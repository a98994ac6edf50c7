"""Mistakes of a configuration, with their places."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from sidecar.config.concealed import HIDDEN, Concealed, is_concealed

Path = tuple[str | int, ...]
"""Keys and list indices from the top of the document down to a value."""

_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_UNQUOTED = re.compile(r"-?(?:0|[1-9][0-9]{0,17})|true|false")
_SHOWN = 60


class Severity(StrEnum):
    """An error stops the configuration from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Line and column in the file, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake by its path in the document. `at_key`: the key is wrong and not its value."""

    path: Path
    code: str
    message: str
    severity: Severity = Severity.ERROR
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake by its place in the file, as people and editors read it."""

    file: str
    line: int
    column: int
    code: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.severity}[{self.code}]: {self.message}"


class ConfigError(Exception):
    """The configuration cannot be used. `mistakes` holds all of them, warnings too, in the file's order."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class Bare(str):
    """A text of the file that was written without quotes. A message quotes it only if it is no number."""

    __slots__ = ()


def quoted(value: object) -> str:
    """A value of the file as a message shows it: on one line, bounded, no secret."""
    if isinstance(value, Bare) and _UNQUOTED.fullmatch(value):
        return str(value)
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str) and is_concealed(value):
        return HIDDEN
    text = str(value)
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return repr(shown) if isinstance(value, str) else shown


def dotted(path: Path) -> str:
    """A path as people write it: `virtual_routers.web.addresses[0]`."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{_bare(key)}" for key in path)
    return "".join(parts).removeprefix(".")


def _bare(key: str) -> str:
    return key if _BARE.fullmatch(key) and not isinstance(key, Concealed) else quoted(key)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` when a known word is close, else nothing."""
    close = get_close_matches(word.lower(), sorted(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
