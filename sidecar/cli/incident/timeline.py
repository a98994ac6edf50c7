"""The events of all hosts in one order, by the clock of one of them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from sidecar.cli.incident.clocks import ITSELF, Offset, by_resignation
from sidecar.cli.incident.history import Record, Told


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of a host, at Unix time of the reference, give or take `within` seconds."""

    host: str
    at: float
    within: float
    record: Record

    @property
    def name(self) -> str:
        """The kind of the event."""
        return self.record.text("event")


@dataclass(frozen=True, slots=True)
class Source:
    """A host that was read: its name, what it told, and its clock beside that of the reference."""

    host: str
    told: Told
    offset: Offset = ITSELF


def merged(sources: Iterable[Source]) -> tuple[Entry, ...]:
    """Return all events by time. The first source is the reference.

    The clock of an earlier boot may have been set since. How far it was off shows a resignation that one of
    the two sent and the other one heard; without one it is taken to have been off as it is now.
    """
    reference, *others = sources
    entries = [Entry(reference.host, each.at, 0.0, each) for each in reference.told.records]
    for source in others:
        old = [each for each in source.told.records if not each.steady]
        past = by_resignation(reference.told.records, old) if old else None
        for record in source.told.records:
            offset = source.offset if record.steady or past is None else past
            entries.append(Entry(source.host, record.at - offset.seconds, offset.within, record))
    return tuple(sorted(entries, key=lambda entry: entry.at))
