"""Sentences about words of the command line that do not exist: which one may be meant."""

from collections.abc import Iterable, Sequence
from typing import Final

OF_OTHERS: Final = {
    "start": "run",
    "check": "check-config",
    "configtest": "check-config",
    "test": "check-config",
    "validate": "check-config",
    "list": "status",
    "show": "status",
    "state": "status",
    "history": "events",
    "log": "events",
    "logs": "events",
    "maintenance": "drain",
    "standby": "drain",
    "resume": "undrain",
    "switchover": "failover",
    "convert": "import",
    "migrate": "import",
    "health": "healthcheck",
    "clean": "cleanup",
    "help": "--help",
}
"""Words that other programs have for the same, and that no spelling leads from to ours."""


def no_verb(word: str, verbs: Sequence[str]) -> str:
    """Return the sentence about a verb that does not exist."""
    meant = OF_OTHERS.get(word.lower()) or _close(word.lower(), verbs)
    return f"there is no verb {word!r}; " + (
        f"did you mean `{meant}`?" if meant else f"the verbs are {', '.join(verbs)}"
    )


def not_taken(rest: Sequence[str], verb: str, options: Iterable[str]) -> str:
    """Return the sentence about what is left of a command line after all that `verb` takes."""
    word = next((each for each in rest if each.startswith("-")), rest[0]).split("=", 1)[0]
    if not word.startswith("-"):
        return f"`{verb}` takes no {word!r}"
    meant = _close(word, tuple(options))
    return f"`{verb}` has no option {word}" + (f"; did you mean `{meant}`?" if meant else "")


def _close(word: str, known: Sequence[str]) -> str:
    """Return the known word that is nearest: it begins with this one, or is spelt much like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - most words are right

    begun = [each for each in known if each.startswith(word)]
    near = begun if len(begun) == 1 else get_close_matches(word, known, n=1)
    return near[0] if near else ""
