"""Values of the file as the plan has them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from sidecar.plan.request import Header, StatusRange


def plain_headers(given: Mapping[str, str]) -> tuple[Header, ...]:
    """Return headers in the order of the file."""
    return tuple(Header(name, value) for name, value in given.items())


def plain_status(given: Iterable[tuple[int, int]]) -> tuple[StatusRange, ...]:
    """Return ranges of status codes."""
    return tuple(StatusRange(low, high) for low, high in given)


def plain_path(given: Path | None) -> str | None:
    """Return a path as a text."""
    return None if given is None else str(given)
