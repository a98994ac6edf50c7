"""Texts that may be secrets: a message shows that they are there, and not what they are.

Everything under `auth` is one, the mistyped key and the misplaced value too: who writes `pass:secret`
without the space has made a key of the secret. A value under `auth` is one at its aliases as well.
"""

import re

HIDDEN = "(hidden)"
"""The text that a message shows instead."""

AUTH_KEYS = frozenset({"pass", "hmac", "id", "key_file", "mode", "window"})
"""Keys below `auth` that a message may name."""

_SECRET_KEYS = frozenset({"pass", "password", "auth_pass", "authentication", "hmac", "key_file"})
"""Keys whose value is taken for a secret at any level: an indentation may be lost."""

_GLUED = re.compile(r"[\w-]*(?:pass|key|secret)[\w-]*\s*[:=]", re.IGNORECASE)
"""A key and its value without the space between them, wherever that was written."""


class Concealed(str):
    """A text that is shown as hidden."""

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN


def is_concealed(text: str) -> bool:
    """Whether a text of the file must not be shown."""
    return isinstance(text, Concealed) or _GLUED.match(text) is not None


def is_secret(path: tuple[str | int, ...]) -> bool:
    """Whether what stands at this path may be a secret."""
    under_auth = path[:1] == ("virtual_routers",) and path[2:3] == ("auth",)
    return under_auth or not _SECRET_KEYS.isdisjoint(path)


def conceal(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path as messages may show it: below `auth`, only the keys that belong there."""
    return tuple(
        Concealed(key) if isinstance(key, str) and key not in AUTH_KEYS and is_secret(path[:depth]) else key
        for depth, key in enumerate(path)
    )
