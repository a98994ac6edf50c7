"""The interface of the pools to an nginx, however it is reached."""

import re
from typing import Final, Protocol

_SAID: Final = 240
_EMERGENCY = re.compile(r"\[emerg\] (?:\d+#\d+: )?(.*)")


class NginxAbsent(Exception):  # noqa: N818 - it is a state of affairs
    """No nginx runs there; the text says how that shows."""


class NginxUnreachable(Exception):  # noqa: N818 - it is a state of affairs
    """nginx cannot be tested or told. `reason` is a label."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Nginx(Protocol):
    """One nginx. Every coroutine raises NginxAbsent or NginxUnreachable, and nothing else."""

    async def prepare(self) -> None:
        """Do now what would cost time later."""

    def close(self) -> None:
        """Let go of whatever is held."""

    async def test(self) -> str | None:
        """Check the whole configuration on disk; return what is wrong with it, None if nothing is."""

    async def reload(self) -> None:
        """Tell the master to load the configuration on disk. Whether it does is not known then."""


def complaint(output: bytes) -> str:
    """Return the sentence that matters in what `nginx -t` printed."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    fatal = [match[1] for match in map(_EMERGENCY.search, lines) if match is not None]
    said = fatal[0] if fatal else (lines or ["it failed and said nothing"])[-1]
    return "".join(letter if letter.isprintable() else "?" for letter in said)[:_SAID]
