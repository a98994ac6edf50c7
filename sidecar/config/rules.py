"""The form of a rule about the keys of one mapping. A model lists its rules; `findings.py` runs them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic

from sidecar.config.entry import Entry, M
from sidecar.config.mistake import Finding, Path, Severity, quoted

_LABEL = re.compile(r"[A-Za-z0-9_-]{1,32}")
"""Names of routers, checks, pools and groups: they are labels of metrics and words on the command line."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[M]):
    """A question about one entry. It is asked only when no key in `reads` is wrong."""

    reads: frozenset[str]
    run: Callable[[Entry[M]], Iterator[Finding]]


def rule(*reads: str) -> Callable[[Callable[[Entry[M]], Iterator[Finding]]], Rule[M]]:
    """Make a rule of a function that reads these keys of its entry."""
    return lambda run: Rule(frozenset(reads), run)


def warning(path: Path, code: str, message: str, *, at_key: bool = False) -> Finding:
    """A finding that does not stop the configuration."""
    return Finding(path, code, message, Severity.WARNING, at_key)


def no_label(path: Path, what: str) -> Iterator[Finding]:
    """A name that cannot be the label of such a thing."""
    name = str(path[-1])
    if not _LABEL.fullmatch(name):
        message = f"{quoted(name)} is no {what} name; use 1 to 32 letters, digits, _ or -"
        yield Finding(path, "name", message, at_key=True)


def named(what: str) -> Rule[Any]:
    """Make the rule that the name of an entry is a label."""
    return Rule(frozenset(), lambda entry: no_label(entry.path, what))
