"""How values are shown in a plan of changes: as in the file, on one line, bounded, and without secrets.

Queries of URLs, values of headers and arguments of programs may hold passwords, so they are not shown.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

from sidecar.core.pool.params import at
from sidecar.plan.check import Identity
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.plan.request import Header, StatusRange

_LONGEST: Final = 80
_CENTI: Final = 100


def shown(of: Any) -> str:
    """Return a value as people write it."""
    match of:
        case bool():
            text = "true" if of else "false"
        case Endpoint():
            text = at(of.host, of.port)
        case HttpUrl():
            text = url(of)
        case Header():
            text = of.name
        case StatusRange():
            text = f"{of.low}-{of.high}" if of.low != of.high else f"{of.low}"
        case None:
            text = "none"
        case str() | Identity() | StrEnum():
            text = str(of) or '""'
        case Iterable():
            text = f"[{', '.join(shown(item) for item in of)}]"
        case _:
            text = str(of)
    return _bounded(text)


def url(of: HttpUrl) -> str:
    """Return a URL."""
    if of.unix_socket is not None:
        return f"unix:{of.unix_socket}:{target(of.target)}"
    return f"{'https' if of.tls else 'http'}://{at(of.host, of.port)}{target(of.target)}"


def target(of: str) -> str:
    """Return path and query of a request, the query hidden."""
    path, query, _ = of.partition("?")
    return f"{path}?(hidden)" if query else path


def program(argv: tuple[str, ...]) -> str:
    """Return the program of a command line. Its arguments may hold a password and are hidden."""
    more = f" and {len(argv) - 1} arguments" if len(argv) > 1 else ""
    return f"{argv[0]}{more}" if argv else "none"


def seconds(of: float) -> str:
    """Return a duration in seconds."""
    return f"{of:g}s"


def centiseconds(of: int) -> str:
    """Return a duration in hundredths of a second."""
    return seconds(of / _CENTI)


def _bounded(text: str) -> str:
    line = "".join(letter if letter.isprintable() else "?" for letter in text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
