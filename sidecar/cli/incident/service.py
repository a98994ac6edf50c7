"""From when to when a host served a virtual router, by the events of all hosts. Pure.

A host serves while it is MASTER and its required checks are up. Of an end the moment is often not known: a
check samples, a host that is lost says nothing. Then it is between two moments.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sidecar.cli.incident.host_events import NONE, HostEvents
from sidecar.cli.incident.timeline import Entry

_TOGETHER: Final = 0.5
"""Seconds within which a takeover and the warning that it is unfit belong together."""
_CAUSE: Final = 30.0
"""Seconds before a move in which the failure of the check may lie that it names."""
_ADOPTS: Final = 10.0
"""Seconds around a start in which it is decided whether the VIPs of the process before are kept."""
_FAILED: Final = re.compile(r"(?=check (\S+) failed)")


@dataclass(frozen=True, slots=True)
class Edge:
    """A moment at which service began or ended, and what tells it. `earliest` and `latest` bound it."""

    host: str
    at: float
    earliest: float
    latest: float
    how: str
    cause: str
    within: float = 0.0
    """By how much the clock of the host may be off besides."""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A host served. `ended` is None where nothing tells an end: it serves yet, or could not tell."""

    host: str
    began: Edge
    ended: Edge | None = None


def exact(entry: Entry, how: str, cause: str) -> Edge:
    """Return the edge of an event that happened just then."""
    return Edge(entry.host, entry.at, entry.at, entry.at, how, cause, entry.within, entry)


def services(hosts: Mapping[str, HostEvents], router: str) -> list[Service]:
    """Return when each host served, by the beginning."""
    found = (service for events in hosts.values() for service in _Host(events, router).services())
    return sorted(found, key=lambda service: service.began.at)


class _Host:
    """The events of one host, as far as they concern a router."""

    def __init__(self, events: HostEvents, router: str) -> None:
        self._events = events
        self._moves = events.moves.get(router, NONE)
        self._adoptions = events.adopted.get(router, NONE)
        self._fail_open = events.fail_open.get(router, NONE)

    def services(self) -> Iterator[Service]:
        """Yield them in their order."""
        for place, entry in zip(self._moves.places, self._moves.entries, strict=True):
            if entry.record.text("to") != "MASTER" or (begun := self._begun(entry)) is None:
                continue
            following = next(self._moves.later(place), None)
            ended = self._restarted(place, following)
            if ended is None and following is not None:
                if following[1].record.text("to") == "MASTER":
                    continue
                ended = self._left(following[1])
            if ended is None or ended.latest >= begun.began.at:
                yield replace(begun, ended=ended)

    def _begun(self, entry: Entry) -> Service | None:
        """Return the service that begins with a takeover, or later when what is down is up again."""
        taken = exact(entry, f"the kernel of {entry.host} had the VIPs", entry.record.text("detail"))
        if not (down := self._unfit(entry.at)):
            return Service(entry.host, taken)
        again = [self._events.up.get(name, NONE).after(entry.at) for name in down]
        place, after = max((each for each in again if each is not None), default=(-1, entry), key=_place)
        moved = self._moves.after(entry.at)
        if None in again or (moved is not None and moved[0] < place):
            return None
        well = f"check {after.record.text('check')} of {after.host} is up again"
        return Service(entry.host, exact(after, well, well))

    def _unfit(self, at: float) -> set[str]:
        """Return the checks that are down although the host has just begun to serve."""
        for _, entry in self._fail_open.between(at - _TOGETHER, at + _TOGETHER):
            return self._named(entry)
        return set()

    def _named(self, entry: Entry) -> set[str]:
        """Return the checks of whose failure an event tells."""
        return {name for name in _FAILED.findall(entry.record.text("detail")) if name in self._events.down}

    def _restarted(self, place: int, following: tuple[int, Entry] | None) -> Edge | None:
        """Return the end of service by a start between a place and the next move, None if there is none."""
        for at, entry in self._events.started.later(place):
            if following is not None and at > following[0]:
                return None
            if not self._adopted(entry.at):
                return self._killed(entry)
        return None

    def _left(self, entry: Entry) -> Edge:
        record = entry.record
        if record.text("reason") == "health" and (failed := self._failed(entry)) is not None:
            return failed
        how = f"{entry.host} left MASTER ({record.text('reason')})"
        return exact(entry, how, record.text("detail"))

    def _failed(self, left: Entry) -> Edge | None:
        """Return when the first of the checks failed for which a host left MASTER."""
        failures = [
            failure
            for name in self._named(left)
            for failure in self._events.down[name].between(left.at - _CAUSE, left.at + _TOGETHER)
        ]
        edges = [_failure(entry) for _, entry in sorted(failures, key=_place)]
        latest: dict[str, Edge] = {edge.cause: edge for edge in edges}
        return min(latest.values(), key=lambda edge: edge.at, default=None)

    def _adopted(self, started: float) -> bool:
        return any(self._adoptions.between(started - _ADOPTS, started + _ADOPTS))

    def _killed(self, started: Entry) -> Edge:
        """Return the end of a process that was killed, between its last event and the next start."""
        earliest = self._events.every.last_before(started.at)
        how = f"{started.host} has no record of its end: it was killed, or lost its power"
        middle = (earliest + started.at) / 2
        return Edge(started.host, middle, earliest, started.at, how, how, started.within, started)


def _place(found: tuple[int, Entry]) -> int:
    return found[0]


def _failure(entry: Entry) -> Edge:
    """Return when a check failed, by the results before the verdict where the event tells them."""
    record = entry.record
    check = record.text("check")
    cause = f"check {check} failed: {record.text('detail')}"
    failing, unsure = record.seconds("failing_seconds"), record.seconds("unsure_seconds")
    if failing is None or unsure is None:
        how = f"check {check} of {entry.host} failed then at the latest: no result before it is known"
        latest = entry.at - (failing or 0.0)
        return Edge(entry.host, latest, latest, latest, how, cause, entry.within, entry)
    latest = entry.at - failing
    earliest = latest - unsure
    how = f"check {check} of {entry.host} " + (
        f"failed between its last result that passed and the first that failed, {unsure:.3f} s later"
        if unsure
        else "told its failure at once"
    )
    return Edge(entry.host, (earliest + latest) / 2, earliest, latest, how, cause, entry.within, entry)
