"""Values on the command line, for argparse: each returns what was meant, or says what is wrong with it."""

import argparse
from typing import Final

from sidecar.cli.span import seconds_of
from sidecar.plan.endpoints import Endpoint

_SHORTEST: Final = 0.1
_LONGEST: Final = 3600.0
"""Seconds between two looks of `--watch`."""
_BRIEFEST: Final = 1.0
_YEAR: Final = 366 * 86400.0
"""Seconds that a drain with an end lasts."""
_LAST_PORT: Final = 65535
_MOST: Final = 100_000
"""Number of an incident: a host keeps fewer events."""


def span(text: str) -> float:
    """Return a span such as `30m` in seconds. Raises argparse.ArgumentTypeError."""
    try:
        return seconds_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def pause(text: str) -> float:
    """Return the seconds between two looks of `--watch`. Raises argparse.ArgumentTypeError."""
    seconds = span(text)
    if not _SHORTEST <= seconds <= _LONGEST:
        raise argparse.ArgumentTypeError(f"{text} is none of 100ms to 1h")
    return seconds


def term(text: str) -> float:
    """Return the seconds that a drain lasts. Raises argparse.ArgumentTypeError."""
    seconds = span(text)
    if not _BRIEFEST <= seconds <= _YEAR:
        raise argparse.ArgumentTypeError(f"{text} is none of 1s to 366d")
    return seconds


def listen(text: str) -> Endpoint:
    """Return an address and port to listen on. Raises argparse.ArgumentTypeError."""
    address, _, port = text.rpartition(":")
    bare = address.removeprefix("[").removesuffix("]")
    if not bare or (":" in bare) != (address != bare) or not port.isdecimal() or int(port) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is no ADDRESS:PORT; write one such as 127.0.0.1:9660")
    return Endpoint(bare, int(port))


def count(text: str) -> int:
    """Return the number of an incident. Raises argparse.ArgumentTypeError."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < _MOST):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of an incident: 1 is the latest, 2 the one before"
        )
    return int(text)


def host(text: str) -> object:
    """Return where the status server of another host is. Raises argparse.ArgumentTypeError."""
    from sidecar.cli.host_url import host_url  # noqa: PLC0415 - the health check waits for what is imported

    try:
        return host_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def user(text: str) -> object:
    """Return the user of the observer. Raises argparse.ArgumentTypeError."""
    from sidecar.router.observer_user import parsed  # noqa: PLC0415 - `run` alone has this option

    try:
        return parsed(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
