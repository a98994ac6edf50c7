"""Who served in the last minutes, hours or days, from the changes of state of this host. Pure.

Of the others this host knows no past: while it is BACKUP, another host serves, or nobody does.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from math import floor
from typing import Final

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.cards import MOST_ROUTERS
from sidecar.telemetry.page.model import Course, Timeline
from sidecar.telemetry.page.past import Event
from sidecar.telemetry.plain_words import moment, printable, roughly

SPANS: Final = (900.0, 3600.0, 6 * 3600.0, 86400.0, 7 * 86400.0)
"""Seconds that can be shown. It is the shortest in which the last changes have room."""
CHANGES: Final = 12
"""Changes that are to be seen, if they are not older than the longest span."""
WIDTH: Final = 600
"""Parts of a span that are drawn, and the smallest step in which the picture moves on."""
MOST_SPELLS: Final = 60
"""Spells of one router that are drawn, the last ones."""
LETTERS: Final = 60
"""Letters of a line in text."""
LETTER_OF: Final = {"here": "#", "other": "-", "fault": "x"}
_HERE: Final = "here"
_KINDS: Final = {"MASTER": _HERE, "BACKUP": "other", "FAULT": "fault"}


@dataclass(frozen=True, slots=True)
class _Spell:
    """From one part of the width to another one in a state: `here` this host served, `other`, `fault`."""

    kind: str
    begin: int
    end: int


def timeline(status: Status, moves: tuple[Event, ...]) -> Timeline:
    """Return the lines of the virtual routers that this host has now, those that changed last first."""
    # What the router tells comes a moment later than what this process has seen itself.
    moves = tuple(sorted(moves, key=lambda event: float(event["at"])))
    span = _span(moves, status["at"])
    # The picture stays as it is for a while: a page that is open is not told of each second.
    now = floor(status["at"] / span * WIDTH) * span / WIDTH
    states = sorted(
        (
            _States(router["name"], router["state"], router["since"], moves)
            for router in status["virtual_routers"]
        ),
        key=lambda each: -each.changed,
    )
    left = len(states) - MOST_ROUTERS
    return Timeline(
        f"Who served in the last {roughly(span)}",
        (moment(now - span, now), moment(now - span / 2, now), moment(now, now)),
        tuple(each.course(now - span, span) for each in states[:MOST_ROUTERS]),
        f"{left} more have no room here" if left > 0 else "",
    )


def _span(moves: tuple[Event, ...], now: float) -> float:
    """Return the shortest span that shows the last changes."""
    ages = [now - float(event["at"]) for event in moves if event["event"] == "transition"]
    shown = [age for age in ages[-CHANGES:] if age <= SPANS[-1]]
    return SPANS[min(bisect_left(SPANS, max(shown, default=0.0)), len(SPANS) - 1)] if shown else SPANS[1]


class _States:
    """The states of one router, and since when: "" where there was no sidecar, or nothing is known."""

    def __init__(self, name: str, state: str, since: float, moves: tuple[Event, ...]) -> None:
        self._name = name
        self._since: list[tuple[float, str]] = []
        self._before_start = ""
        for event in moves:
            self._take(event)
        # What is so now is certain, whatever the events say.
        if not self._since or self._since[-1][1] != state:
            self._since.append((since, state))
        self._since.sort(key=lambda each: each[0])
        self.changed = self._since[-1][0]

    def _take(self, event: Event) -> None:
        at, kind = float(event["at"]), event["event"]
        if kind == "started":
            # One that was killed has not said when: how long it was still like that is not known.
            self._before_start = self._since[-1][1] if self._since else ""
            if self._since:
                self._since[-1] = (self._since[-1][0], "")
            self._since.append((at, ""))
        elif kind == "stopped":
            self._since.append((at, ""))
        elif event.get("router") != self._name:
            return
        elif kind == "adopted":
            if len(self._since) > 1:
                self._since[-2] = (self._since[-2][0], self._before_start)
            self._since.append((at, "MASTER"))
        else:
            if not self._since and (lasted := event.get("lasted_seconds")) is not None:
                self._since.append((at - float(lasted), str(event.get("from"))))
            self._since.append((at, str(event.get("to"))))

    def course(self, begin: float, span: float) -> Course:
        """Return the line from this Unix time on."""
        spells = tuple(self._spells(begin, span))[-MOST_SPELLS:]
        intervals = self._intervals(begin, begin + span)
        served = sum(until - since for since, until, state in intervals if state == "MASTER")
        pieces = sum(spell.kind == _HERE for spell in spells)
        return Course(
            printable(self._name),
            tuple(_paths(spells).items()),
            _letters(spells),
            _said(served, pieces),
        )

    def _intervals(self, begin: float, end: float) -> Iterator[tuple[float, float, str]]:
        ends = [*(at for at, _ in self._since[1:]), end]
        for (since, state), until in zip(self._since, ends, strict=True):
            if min(until, end) > max(since, begin):
                yield max(since, begin), min(until, end), state

    def _spells(self, begin: float, span: float) -> Iterator[_Spell]:
        """Yield what is drawn. The shortest spell is seen, too."""
        last = 0
        for since, until, state in self._intervals(begin, begin + span):
            first = max(last, round((since - begin) / span * WIDTH))
            last = min(WIDTH, max(first + 1, round((until - begin) / span * WIDTH)))
            if (kind := _KINDS.get(state)) is not None and last > first:
                yield _Spell(kind, first, last)


def _paths(spells: tuple[_Spell, ...]) -> dict[str, str]:
    drawn: dict[str, str] = {}
    for spell in spells:
        drawn[spell.kind] = drawn.get(spell.kind, "") + f"M{spell.begin} 5h{spell.end - spell.begin}"
    return drawn


def _letters(spells: tuple[_Spell, ...]) -> str:
    """Return the line in letters. Of several spells in one letter the shortest one is seen, as it is rare."""
    letters = [" "] * LETTERS
    for spell in sorted(spells, key=lambda spell: spell.begin - spell.end):
        first = spell.begin * LETTERS // WIDTH
        last = max(first + 1, spell.end * LETTERS // WIDTH)
        letters[first:last] = LETTER_OF[spell.kind] * (min(last, LETTERS) - first)
    return "".join(letters)


def _said(seconds: float, pieces: int) -> str:
    if not pieces:
        return "this host did not serve"
    return f"this host served for {roughly(seconds)}, in {'one piece' if pieces == 1 else f'{pieces} pieces'}"
