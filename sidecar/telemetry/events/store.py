"""The events of this host: in memory for whoever asks, and in two files for the next process.

Memory is what answers: a disk that is full, read-only or hangs costs the events after a restart and nothing
else. One thread writes; whoever has an event never waits for it.
"""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from sidecar.telemetry.events.segments import SEGMENT, FolderInUse, Segments
from sidecar.telemetry.plain_words import excerpt

RETRY: Final = 5.0
"""Seconds between two attempts to write after one has failed."""
FIRST: Final = 1.0
"""Seconds that somebody who asks waits for what is on the disk; it takes milliseconds."""
_MOST: Final = 2 * SEGMENT
_BATCH: Final = 64
_LONGEST: Final = 4096
"""Bytes of an event, so that a batch is less than a file may hold."""
_TEXT: Final = 600
_ITEMS: Final = 16
_LATEST: Final = 1e11
"""Unix seconds. No calendar has a year for those beyond."""
_COMPARED: Final = 256
"""Events of an earlier observer with which those that the router tells again are compared."""

_KIND: Final = re.compile(rb'\{"id": \d+, "at": [^,]+, "event": "(\w+)"')

Fields = Mapping[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One event: its number, which grows also from process to process, its Unix time, and its JSON."""

    number: int
    at: float
    data: bytes
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Events that were asked for. `trouble`: why not on the disk, "" if it is; `lost`: not kept at all."""

    events: tuple[bytes, ...]
    last: int
    trouble: str
    lost: int


class EventStore:
    """Safe from any thread. `complain` and `settled` are called in the thread that writes."""

    def __init__(
        self,
        folder: Path,
        wall: Callable[[], float],
        complain: Callable[[str, str], None],
        settled: Callable[[], None],
        segment: int = SEGMENT,
        retry: float = RETRY,
    ) -> None:
        """`complain` gets a reason (`open`, `in_use`, `write`, `damaged`) and a sentence."""
        self._folder = folder
        self._wall = wall
        self._complain = complain
        self._settled = settled
        self._retry = retry
        self._segments = Segments(folder, segment)
        self._lock = threading.Lock()
        self._ring: deque[Kept] = deque()
        self._unsaved: deque[Kept] = deque()
        self._known: set[Key] = set()
        self._size = self._last = self._lost = 0
        self._why = ""
        self._opened = self._loaded = False
        self._looked, self._wanted, self._ending = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        self._thread.start()

    def put(self, at: float, event: Fields, moment: float | None = None) -> None:
        """Keep an event of this Unix time.

        `moment`: its time by the clock of the router, which tells one that was told twice.
        """
        key = None if moment is None else key_of(event, moment)
        with self._lock:
            if key is not None and key in self._known:
                return
            number = max(self._last + 1, int(self._wall() * 1000))
            facts = {"id": number, "at": round(at, 6), **event}
            data = _encoded(facts if moment is None else facts | {"moment": moment})
            kept = Kept(number, at, data, key)
            self._last = number
            self._append([kept])
            self._unsaved.append(kept)
        self._wanted.set()

    def select(self, after: int = 0, since: float = 0.0) -> Selection:
        """Return the events with a greater number than `after` that happened at `since` or later."""
        self._looked.wait(FIRST)
        with self._lock:
            events = tuple(kept.data for kept in self._ring if kept.number > after and kept.at >= since)
            return Selection(events, self._last, self._why, self._lost)

    def latest(self, most: int, kinds: frozenset[str] | None = None, since: float = 0.0) -> tuple[bytes, ...]:
        """Return the last events, at most so many, of these kinds or all, that happened at `since` or later.

        Never waits for the disk.
        """
        newest: list[bytes] = []
        with self._lock:
            for kept in reversed(self._ring):
                if len(newest) == most:
                    break
                # Not in the order of their times: what the router tells comes a moment later.
                if kept.at >= since and (kinds is None or kind_of(kept.data) in kinds):
                    newest.append(kept.data)
        return tuple(reversed(newest))

    def close(self, timeout: float = 0.2) -> None:
        """Write what is not written yet, for at most `timeout` seconds."""
        self._ending.set()
        self._wanted.set()
        self._thread.join(timeout)

    # ---- the thread that writes

    def _run(self) -> None:
        while True:
            ending = self._ending.is_set()
            self._wanted.clear()
            saved = self._save()
            self._looked.set()
            if ending:
                self._segments.close()
                return
            if not saved:
                self._ending.wait(self._retry)
            else:
                self._wanted.wait()

    def _save(self) -> bool:
        try:
            if not self._opened:
                self._open()
            while batch := self._batch():
                self._segments.append([kept.data for kept in batch])
                with self._lock:
                    # A record that has fallen out of memory meanwhile has left the queue, too.
                    while self._unsaved and self._unsaved[0].number <= batch[-1].number:
                        self._unsaved.popleft()
        except OSError as error:
            self._failed(error)
            return False
        if self._why:
            self._why = ""
            self._settled()
        return True

    def _open(self) -> None:
        there = self._segments.open()
        self._opened = True
        if self._loaded:
            # The folder was lost and is there again: memory knows more than it.
            return
        self._loaded = True
        kept = [each for record in there.records if (each := _kept(record)) is not None]
        damaged = there.damaged + len(there.records) - len(kept)
        with self._lock:
            self._known = {each.key for each in kept[-_COMPARED:] if each.key is not None}
            self._last = max((each.number for each in kept), default=0)
            new = [self._after(each) for each in self._unsaved if each.key not in self._known]
            self._ring, self._unsaved, self._size = deque(), deque(new), 0
            self._append([*kept, *new])
        if damaged:
            self._complain("damaged", f"{damaged} records in {self._folder} are damaged and were left out")

    def _after(self, kept: Kept) -> Kept:
        """Return an event with a number that is new even if the clock was set back. It needs the lock."""
        self._last = max(self._last + 1, kept.number)
        if self._last == kept.number:
            return kept
        fields = json.loads(kept.data) | {"id": self._last}
        return replace(kept, number=self._last, data=json.dumps(fields).encode())

    def _batch(self) -> list[Kept]:
        with self._lock:
            return [kept for kept, _ in zip(self._unsaved, range(_BATCH), strict=False)]

    def _append(self, events: Iterable[Kept]) -> None:
        """Keep in memory what has room. It needs the lock."""
        for kept in events:
            self._ring.append(kept)
            self._size += len(kept.data)
        while self._size > _MOST:
            gone = self._ring.popleft()
            self._size -= len(gone.data)
            if self._unsaved and self._unsaved[0].number == gone.number:
                self._unsaved.popleft()
                self._lost += 1

    def _failed(self, error: OSError) -> None:
        why = f"events are not kept across restarts: {self._folder}: {error.strerror or error}{_mend(error)}"
        self._why = why
        if isinstance(error, FolderInUse):
            self._complain("in_use", why)
        elif self._opened:
            self._opened = not isinstance(error, FileNotFoundError)
            self._complain("write", why)
        else:
            self._complain("open", why)


def kind_of(data: bytes) -> str:
    """Return the kind of an event from its JSON, without reading all of it; "" if it has none."""
    match = _KIND.match(data)
    return "" if match is None else match[1].decode()


def key_of(event: Fields, moment: float) -> Key:
    """Return what two reports of the same event have in common."""
    return (event.get("event"), moment, event.get("router"), event.get("check"), event.get("reason"))


def _kept(record: bytes) -> Kept | None:
    """Return the event of a record; None if it is none, whoever wrote it."""
    try:
        fields = json.loads(record)
        number, at = int(fields["id"]), float(fields["at"])
        moment = fields.get("moment")
        key = None if moment is None else key_of(cast("Fields", fields), float(moment))
        hash(key)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    return Kept(number, at, record, key) if abs(at) < _LATEST else None


def _encoded(facts: Fields) -> bytes:
    """Return JSON of a bounded length: texts of others, which are long, lose their end."""
    for most in (_TEXT, _TEXT // 8, 0):
        data = json.dumps({name: _cut(value, most) for name, value in facts.items()}).encode()
        if len(data) <= _LONGEST:
            break
    return data


def _cut(value: Any, most: int) -> Any:
    if isinstance(value, str):
        return excerpt(value, most) if most else ""
    return [_cut(each, most) for each in value[:_ITEMS]] if isinstance(value, list | tuple) else value


def _mend(error: OSError) -> str:
    if isinstance(error, FolderInUse):
        return "; give each its own with `state: {dir: ...}`"
    if isinstance(error, PermissionError):
        return (
            "; the folder must belong to the observer's user, whom `status -o json` shows under `processes`"
        )
    return "; `state: {dir: ...}` names another folder"
