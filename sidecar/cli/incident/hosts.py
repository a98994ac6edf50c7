"""Reads the events of this host over its control socket, of others over HTTP, each with its clock."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from sidecar.checks.resolve import Resolver
from sidecar.cli.control import get
from sidecar.cli.incident.clocks import Reading
from sidecar.cli.incident.history import Told, number, read
from sidecar.observer.status_reader import bounded, fetch
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.node_document import Unreadable

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of an answer that are read. A host keeps less than 1 MiB of events."""
_EVENTS: Final = "/events.json"
_CLOCK: Final = f"/events.json?after={2**53}"
"""No event has such a number: the answer has the clock alone, and is quick."""
_ASKED: Final = 5
"""Questions for the clock. The quickest answer counts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host told of itself, and its clock."""

    told: Told
    reading: Reading


Ask = Callable[[str], bytes]


def here(socket: str) -> Answer:
    """Return the events of this host. Raises Unreachable, Unreadable."""

    def ask(target: str) -> bytes:
        code, body = get(socket, target)
        if code != HTTPStatus.OK:
            raise Unreadable(body.decode(errors="replace").strip())
        return body

    readings = [_reading(ask) for _ in range(_ASKED)]
    return Answer(read(ask(_EVENTS)), _quickest(readings))


def nodes(socket: str) -> tuple[str, ...]:
    """Return the other hosts that the configuration names, as URLs. Raises Unreachable."""
    code, body = get(socket, "/status.json")
    if code != HTTPStatus.OK:
        return ()
    return tuple(node["url"] for node in json.loads(body).get("nodes", []))


def elsewhere(places: Iterable[Endpoint]) -> dict[Endpoint, Answer | str]:
    """Return the events of other hosts, or why a host was not read. All are asked at once."""
    return asyncio.run(_all(tuple(places)))


async def _all(places: tuple[Endpoint, ...]) -> dict[Endpoint, Answer | str]:
    # One after the other: two that answer at once would make each other's round trips longer.
    return {place: await _there(place) for place in places}


async def _there(place: Endpoint) -> Answer | str:
    resolver = Resolver()
    try:
        async with bounded():
            addresses = await resolver.addresses(place.host)
        readings: list[Reading] = []
        for _ in range(_ASKED):
            before = time.monotonic()
            async with bounded():
                body = await fetch(place, addresses, resolver, _CLOCK, LARGEST)
            readings.append(_wall(body, before, time.monotonic()))
        async with bounded():
            told = read(await fetch(place, addresses, resolver, _EVENTS, LARGEST))
    except Unreadable as fault:
        return str(fault)
    return Answer(told, _quickest(readings))


def _reading(ask: Ask) -> Reading:
    before = time.monotonic()
    body = ask(_CLOCK)
    return _wall(body, before, time.monotonic())


def _wall(body: bytes, before: float, after: float) -> Reading:
    try:
        answered: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the answer is no JSON") from None
    wall = number(answered.get("now")) if isinstance(answered, dict) else None
    if wall is None:
        raise Unreadable("it does not tell its clock: its vip-sidecar is older than this one")
    return Reading(before, after, wall)


def _quickest(readings: Iterable[Reading]) -> Reading:
    return min(readings, key=lambda reading: reading.within)
