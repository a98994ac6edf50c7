"""All that is told of one incident: the move, the events around it, and the clocks. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.cli.incident.gaps import Incident, incidents
from sidecar.cli.incident.host_events import by_host
from sidecar.cli.incident.timeline import Entry, Source, merged

_BEFORE: Final = 5.0
_AFTER: Final = 60.0
"""Seconds before and after an incident of which events are shown."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A host whose events are not there, and why."""

    url: str
    why: str


@dataclass(frozen=True, slots=True)
class Account:
    """One incident. `number` counts back from the latest, which is 1; there are `known` of them."""

    number: int
    known: int
    incident: Incident
    entries: tuple[Entry, ...]
    sources: tuple[Source, ...]
    unread: tuple[Unread, ...]


class NoSuchIncident(Exception):  # noqa: N818 - it is a state of affairs
    """There is no incident of that number; the text says how many there are."""


def account(sources: Sequence[Source], unread: Sequence[Unread], number: int) -> Account:
    """Return what is known of an incident, 1 the latest. Raises NoSuchIncident."""
    everything = merged(sources)
    hosts = by_host(everything)
    known = sorted(
        (each for router in _routers(sources) for each in incidents(hosts, router)),
        key=lambda each: (each.end, each.router),
    )
    missing = "".join(f"; {each.url} was not read: {each.why}" for each in unread)
    if not known:
        raise NoSuchIncident(f"no virtual router has gone from one host to another in what is kept{missing}")
    if number > len(known):
        most = len(known)
        raise NoSuchIncident(f"{most} incidents are kept; 1 is the latest, {most} the first{missing}")
    chosen = known[-number]
    entries = (
        entry
        for entry in everything
        if chosen.start - _BEFORE <= entry.at <= chosen.end + _AFTER and _concerns(entry, chosen.router)
    )
    return Account(number, len(known), chosen, tuple(entries), tuple(sources), tuple(unread))


def _routers(sources: Iterable[Source]) -> list[str]:
    names = (
        record.text("router")
        for source in sources
        for record in source.told.records
        if record.text("event") == "transition"
    )
    return list(dict.fromkeys(names))


def _concerns(entry: Entry, router: str) -> bool:
    """Whether an event is of this router or of none."""
    return entry.record.text("router") in ("", router)
