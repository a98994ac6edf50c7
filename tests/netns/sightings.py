"""Observations of the client and the witness, and conclusions. Times are seconds of CLOCK_MONOTONIC."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One try of the client. `who` is empty if nobody answered; then `error` says why."""

    at: float
    started: float
    who: str
    error: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event on the LAN.

    `kind`: added, removed (an address in the kernel of `host`: address, index, prefix, valid, protocol);
    carrier (an interface of `host`: index, name, up); advert (source, vrid, priority, version, mac);
    announced (gratuitous ARP or neighbour advertisement: address, reply); answered (address, to); late (by so
    many seconds the witness itself woke up late). Frames have a `stamp` too: when the kernel saw them, on the
    wall clock. `at` is when the witness came to tell.
    """

    at: float
    kind: str
    host: str
    about: dict[str, Any]

    def is_(self, kind: str, host: str | None = None, **about: Any) -> bool:
        """Whether this is such an event."""
        return (
            self.kind == kind
            and host in (None, self.host)
            and all(self.about.get(key) == value for key, value in about.items())
        )


@dataclass(frozen=True, slots=True)
class Hold:
    """A host had the address from `start` to `end` (infinite: still has it)."""

    host: str
    start: float
    end: float


def longest_gap(answers: Iterable[Answer], since: float, until: float = float("inf")) -> float:
    """Longest time in seconds between two successes in a row, of those that end in the window."""
    times = sorted(answer.at for answer in answers if answer.who)
    gaps = [later - earlier for earlier, later in pairwise(times) if since < later and earlier < until]
    if not gaps:
        raise ValueError("no two answers in the window")
    return max(gaps)


def servers(answers: Iterable[Answer], since: float = 0.0) -> list[str]:
    """Hosts that answered, in order, without repetitions."""
    names = [
        answer.who for answer in sorted(answers, key=lambda each: each.at) if answer.who and answer.at > since
    ]
    return [name for before, name in pairwise(["", *names]) if name != before]


def holds(sightings: Iterable[Sighting], address: str) -> list[Hold]:
    """When each host had the address in its kernel, on an interface with carrier. A renewal is no new hold.

    FRR keeps the address on its macvlan for ever and takes the carrier away.
    """
    having: dict[str, set[int]] = {}
    dark: dict[str, set[int]] = {}
    open_since: dict[str, float] = {}
    found = []
    for event in sightings:
        host = event.host
        if event.kind == "carrier":
            _put(dark, host, event.about["index"], there=not event.about["up"])
        elif event.kind in ("added", "removed") and event.about["address"] == address:
            _put(having, host, event.about["index"], there=event.kind == "added")
        else:
            continue
        if having.get(host, set()) - dark.get(host, set()):
            open_since.setdefault(host, event.at)
        elif host in open_since:
            found.append(Hold(host, open_since.pop(host), event.at))
    return found + [Hold(host, start, float("inf")) for host, start in open_since.items()]


def _put(where: dict[str, set[int]], host: str, index: int, *, there: bool) -> None:
    members = where.setdefault(host, set())
    if there:
        members.add(index)
    else:
        members.discard(index)


def overlap(found: Iterable[Hold], since: float, until: float) -> float:
    """Seconds of the window during which two or more hosts had the address."""
    inside = [(max(hold.start, since), min(hold.end, until)) for hold in found]
    pairs = [(start, end) for start, end in inside if start < end]
    edges = sorted([(start, 1) for start, _ in pairs] + [(end, -1) for _, end in pairs])
    total, count, before = 0.0, 0, 0.0
    for at, step in edges:
        total += at - before if count > 1 else 0.0
        count, before = count + step, at
    return total


def advert_gaps(sightings: Iterable[Sighting], host: str) -> list[float]:
    """Seconds between the adverts of a host, by the kernel's clock: no busy witness makes them longer."""
    stamps = [event.about["stamp"] for event in sightings if event.is_("advert", host)]
    return [later - earlier for earlier, later in pairwise(stamps)]


def double_answers(sightings: Iterable[Sighting], address: str, within: float = 0.01) -> list[Sighting]:
    """ARP answers of one host that come directly after those of another: both claim the address."""
    replies = [event for event in sightings if event.is_("answered", address=address)]
    return [b for a, b in pairwise(replies) if a.host != b.host and b.at - a.at < within]
