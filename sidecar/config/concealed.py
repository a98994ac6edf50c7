"""Texts that may be secrets: a message shows that they are there, and not what they are.

Everything under `auth` is one, the mistyped key and the misplaced value too: who writes `pass:secret`
without the space has made a key of the secret.
"""

HIDDEN = "(hidden)"
"""What a message shows instead."""

AUTH_KEYS = frozenset({"pass", "hmac", "id", "key_file", "mode", "window"})
"""Keys below `auth` that a message may name."""


class Concealed(str):
    """A text that is shown as hidden."""

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN


def is_secret(path: tuple[str | int, ...]) -> bool:
    """Whether what stands at this path may be a secret."""
    return path[:1] == ("virtual_routers",) and path[2:3] == ("auth",)


def conceal(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path as messages may show it: below `auth`, only the keys that belong there."""
    return tuple(
        Concealed(key) if isinstance(key, str) and key not in AUTH_KEYS and is_secret(path[:depth]) else key
        for depth, key in enumerate(path)
    )
