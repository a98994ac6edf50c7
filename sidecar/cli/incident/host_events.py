"""The events of one host by kind, so that a virtual router looks at what concerns it alone. Pure."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.cli.incident.timeline import Entry


@dataclass(frozen=True, slots=True)
class Line:
    """Events of one kind by time. `places` are theirs among all events of the host."""

    entries: list[Entry] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def add(self, place: int, entry: Entry) -> None:
        """Append an event that is not before the others."""
        self.entries.append(entry)
        self.times.append(entry.at)
        self.places.append(place)

    def between(self, first: float, last: float) -> Iterator[tuple[int, Entry]]:
        """Yield the events of this time, both ends included, each with its place."""
        for index in range(bisect_left(self.times, first), bisect_right(self.times, last)):
            yield self.places[index], self.entries[index]

    def later(self, place: int) -> Iterator[tuple[int, Entry]]:
        """Yield the events behind a place, each with its own."""
        for index in range(bisect_right(self.places, place), len(self.places)):
            yield self.places[index], self.entries[index]

    def after(self, at: float) -> tuple[int, Entry] | None:
        """Return the first event later than this, with its place."""
        index = bisect_right(self.times, at)
        return (self.places[index], self.entries[index]) if index < len(self.times) else None

    def last_before(self, at: float) -> float:
        """Return the time of the last event that is earlier than this, which is returned if there is none."""
        index = bisect_left(self.times, at)
        return self.times[index - 1] if index else at


Lines = Mapping[str, Line]
NONE: Final = Line()
"""No event."""


@dataclass(frozen=True, slots=True)
class HostEvents:
    """All events of a host, and those of a kind by the virtual router or the check that they are about."""

    every: Line
    started: Line
    lost: Line
    moves: Lines
    adopted: Lines
    fail_open: Lines
    down: Lines
    up: Lines


def by_host(entries: Iterable[Entry]) -> dict[str, HostEvents]:
    """Return the events of each host. They come in the order of their times."""
    found: dict[str, _Sorted] = {}
    for entry in entries:
        found.setdefault(entry.host, _Sorted()).add(entry)
    return {host: each.events() for host, each in found.items()}


class _Sorted:
    """Sorts the events of one host."""

    def __init__(self) -> None:
        self._every = Line()
        self._kinds: dict[str, defaultdict[str, Line]] = defaultdict(lambda: defaultdict(Line))

    def add(self, entry: Entry) -> None:
        place = len(self._every.entries)
        self._every.add(place, entry)
        record = entry.record
        about = record.text("check" if entry.name in ("check_down", "check_up") else "router")
        kind = entry.name
        if kind == "warning":
            kind = f"{record.text('component')} {record.text('reason')}"
        self._kinds[kind][about].add(place, entry)

    def events(self) -> HostEvents:
        return HostEvents(
            self._every,
            self._whole("started"),
            self._whole("node_lost"),
            *(
                dict(self._kinds[kind])
                for kind in ("transition", "adopted", "election fail_open", "check_down", "check_up")
            ),
        )

    def _whole(self, kind: str) -> Line:
        """Return all events of a kind, whatever they are about."""
        line = Line()
        for place, entry in zip(self._every.places, self._every.entries, strict=True):
            if entry.name == kind:
                line.add(place, entry)
        return line
