"""From when to when a host served a virtual router, by the events of all hosts. Pure.

A host serves while it is MASTER and its required checks are up. Of an end the moment is often not known: a
check samples, a host that is lost says nothing. Then it is between two moments.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from sidecar.cli.incident.timeline import Entry

_TOGETHER: Final = 0.5
"""Seconds within which a takeover and the warning that it is unfit belong together."""
_CAUSE: Final = 30.0
"""Seconds before a move in which the failure of the check may lie that it names."""
_ADOPTS: Final = 10.0
"""Seconds around a start in which it is decided whether the VIPs of the process before are kept."""


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


def services(entries: Iterable[Entry], router: str) -> list[Service]:
    """Return when each host served, by the beginning."""
    listed = tuple(entries)
    found: list[Service] = []
    for host in dict.fromkeys(entry.host for entry in listed):
        found += _Host([entry for entry in listed if entry.host == host], router).services()
    return sorted(found, key=lambda service: service.began.at)


class _Host:
    """The events of one host, in their order."""

    def __init__(self, entries: list[Entry], router: str) -> None:
        self._entries = entries
        self._router = router

    def services(self) -> Iterator[Service]:
        """Yield them in their order."""
        current: Service | None = None
        for entry in self._entries:
            if entry.is_move(self._router) and entry.record.text("to") == "MASTER":
                current = self._begun(entry)
            elif current is not None and (ended := self._end(entry)) is not None:
                if ended.latest >= current.began.at:
                    yield replace(current, ended=ended)
                current = None
        if current is not None:
            yield current

    def _begun(self, entry: Entry) -> Service | None:
        """Return the service that begins with a takeover, or later when what is down is up again."""
        taken = exact(entry, f"the kernel of {entry.host} had the VIPs", entry.record.text("detail"))
        if not (down := self._unfit(entry.at)):
            return Service(entry.host, taken)
        for after in self._entries:
            if after.at <= entry.at:
                continue
            if after.is_move(self._router):
                return None
            if after.name == "check_up":
                down.discard(after.record.text("check"))
                if not down:
                    well = f"check {after.record.text('check')} of {after.host} is up again"
                    return Service(entry.host, exact(after, well, well))
        return None

    def _unfit(self, at: float) -> set[str]:
        """Return the checks that are down although the host has just begun to serve."""
        for entry in self._entries:
            if abs(entry.at - at) <= _TOGETHER and self._is_unfit(entry):
                detail = entry.record.text("detail")
                names = {each.record.text("check") for each in self._entries if each.name == "check_down"}
                return {name for name in names if f"check {name} failed" in detail}
        return set()

    def _is_unfit(self, entry: Entry) -> bool:
        record = entry.record
        return (
            entry.name == "warning"
            and (record.text("component"), record.text("reason")) == ("election", "fail_open")
            and record.text("router") == self._router
        )

    def _end(self, entry: Entry) -> Edge | None:
        """Return the end of service that an event tells, None if it tells none."""
        if entry.is_move(self._router):
            return self._left(entry)
        if entry.name == "started" and not self._adopted(entry.at):
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
        named = left.record.text("detail")
        edges = [
            _failure(entry)
            for entry in self._entries
            if entry.name == "check_down"
            and left.at - _CAUSE <= entry.at <= left.at + _TOGETHER
            and f"check {entry.record.text('check')} failed" in named
        ]
        latest: dict[str, Edge] = {edge.cause: edge for edge in edges}
        return min(latest.values(), key=lambda edge: edge.at, default=None)

    def _adopted(self, started: float) -> bool:
        return any(
            entry.name == "adopted"
            and entry.record.text("router") == self._router
            and abs(entry.at - started) <= _ADOPTS
            for entry in self._entries
        )

    def _killed(self, started: Entry) -> Edge:
        """Return the end of a process that was killed, between its last event and the next start."""
        before = [each.at for each in self._entries if each.at < started.at]
        earliest = max(before, default=started.at)
        how = f"{started.host} has no record of its end: it was killed, or lost its power"
        middle = (earliest + started.at) / 2
        return Edge(started.host, middle, earliest, started.at, how, how, started.within, started)


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
