"""What a rule about a valid entry looks like, and how it is run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic

from sidecar.config.mistake import Finding, Path, Severity
from sidecar.config.shape import Entry, M

LABEL = r"[A-Za-z0-9_-]{1,32}"
"""Names of routers and checks: they are labels of metrics and words on the command line."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[M]):
    """A check of one entry. It runs only when no key in `reads` is wrong; its paths start at the entry."""

    reads: frozenset[str]
    run: Callable[[Entry[M]], Iterator[Finding]]


def rule(*reads: str) -> Callable[[Callable[[Entry[M]], Iterator[Finding]]], Rule[M]]:
    """Make a rule of a function that reads these keys of its entry."""
    return lambda run: Rule(frozenset(reads), run)


def apply(rules: tuple[Rule[M], ...], entry: Entry[M]) -> Iterator[Finding]:
    """The findings of all rules that can run on this entry, with paths from the top."""
    for each in rules:
        if each.reads.isdisjoint(entry.wrong):
            yield from each.run(entry)


def warning(path: Path, code: str, message: str, *, at_key: bool = False) -> Finding:
    """A finding that does not stop the configuration."""
    return Finding(path, code, message, Severity.WARNING, at_key)
