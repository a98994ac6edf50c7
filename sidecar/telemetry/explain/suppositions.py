"""From the words of `--if` to what is supposed."""

from collections.abc import Iterable
from typing import Final

from sidecar.core.priorities import OWNER
from sidecar.core.state import State
from sidecar.core.what_if.supposition import (
    CheckIs,
    DrainIs,
    PeerResigns,
    PeerSilent,
    PriorityIs,
    Supposition,
)
from sidecar.telemetry.explain.subject import Subject
from sidecar.telemetry.explain.unexplained import Unexplained

MOST: Final = 8
"""Suppositions of one question."""
_DIGITS: Final = 3
_UP: Final = {"up": True, "down": False}
_ON: Final = {"on": True, "off": False}


def suppositions(words: Iterable[str], of: Subject) -> list[Supposition]:
    """Return what is supposed of a router. Raises Unexplained, with the words that can be understood."""
    given = list(words)
    if len(given) > MOST:
        raise Unexplained(f"{len(given)} suppositions: ask for {MOST} at most")
    return [_one(word, of) for word in given]


def _one(word: str, of: Subject) -> Supposition:
    key, _, value = word.partition("=")
    match key:
        case "peer":
            return _peer(word, value, of)
        case "priority":
            return _priority(word, value)
        case "drain" if value in _ON:
            return DrainIs(_ON[value])
        case "drain":
            raise _refusal(word, "write drain=on or drain=off")
        case _:
            return _check(word, key.removeprefix("check."), value, of)


def _priority(word: str, value: str) -> PriorityIs:
    if not (value.isascii() and value.isdigit() and len(value) <= _DIGITS and 0 < int(value) <= OWNER):
        raise _refusal(word, f"write a priority from 1 to {OWNER}, such as priority=200")
    return PriorityIs(int(value))


def _peer(word: str, value: str, of: Subject) -> Supposition:
    known: dict[str, Supposition] = {"silent": PeerSilent(), "resigns": PeerResigns()}
    found = known.get(value)
    if found is None:
        raise _refusal(word, "write peer=silent or peer=resigns")
    if of.router.state is State.MASTER or of.master is None:
        raise Unexplained(
            f"{word}: no other host serves {of.router.name}, so none can fall silent; "
            "ask the standby, or `vip-sidecar explain` here"
        )
    return found


def _check(word: str, name: str, value: str, of: Subject) -> Supposition:
    names = [check.rules.name for check in of.checks]
    if name not in names:
        known = ", ".join(f"{each}=down" for each in names) or "it has no checks"
        raise _refusal(
            word, f"write peer=silent, peer=resigns, priority=N, drain=on, or a check of it: {known}"
        )
    if value not in _UP:
        raise _refusal(word, f"write {name}=up or {name}=down")
    return CheckIs(name, _UP[value])


def _refusal(word: str, how: str) -> Unexplained:
    return Unexplained(f"{word!r} cannot be supposed: {how}")
