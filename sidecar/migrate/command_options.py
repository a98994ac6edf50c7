"""Options of the usual commands, as far as they are known: what is not known is not guessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

_SECONDS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Options:
    """The words, flags and values of a command. The long options have their short names here."""

    words: tuple[str, ...]
    flags: frozenset[str]
    values: Mapping[str, str]
    repeated: tuple[tuple[str, str], ...]
    """All options with values, in their order."""

    def seconds(self, *names: str) -> Decimal | None:
        """Return the least of some time-outs that are given in seconds."""
        given = [self.values[name] for name in names if _SECONDS.fullmatch(self.values.get(name, ""))]
        least = min(map(Decimal, given), default=None)
        return least or None


def options(
    arguments: Sequence[str],
    *,
    flags: str = "",
    valued: str = "",
    long_flags: Mapping[str, str] | None = None,
    long_valued: Mapping[str, str] | None = None,
) -> Options | None:
    """Return what stands there; None if an option is not among the known ones, or lacks its value."""
    words: list[str] = []
    seen: set[str] = set()
    pairs: list[tuple[str, str]] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "-" or not word.startswith("-"):
            words.append(word)
            continue
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name in (long_flags or {}):
                seen.add((long_flags or {})[name])
                continue
            if name not in (long_valued or {}) or (not equals and not rest):
                return None
            pairs.append(((long_valued or {})[name], value if equals else rest.pop(0)))
            continue
        if not _short(word[1:], rest, flags, valued, seen, pairs):
            return None
    return Options(tuple(words), frozenset(seen), dict(pairs), tuple(pairs))


def _short(
    letters: str, rest: list[str], flags: str, valued: str, seen: set[str], pairs: list[tuple[str, str]]
) -> bool:
    """Read `-abc`, `-m5` or `-m 5`."""
    for index, letter in enumerate(letters):
        if letter in valued:
            value = letters[index + 1 :] or (rest.pop(0) if rest else None)
            if value is None:
                return False
            pairs.append((letter, value))
            return True
        if letter not in flags:
            return False
        seen.add(letter)
    return True
