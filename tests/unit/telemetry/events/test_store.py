"""Events in memory and on the disk: nobody waits for the disk, and nothing is lost because of it."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.telemetry.events.framing import framed
from sidecar.telemetry.events.store import EventStore, Selection

Open = Callable[..., "Kept"]


class Kept:
    """A store, and what it complains about."""

    def __init__(self, folder: Path, wall: float = 1_790_000_000.0, **options: Any) -> None:
        self.troubles: list[tuple[str, str]] = []
        self.settled = 0
        self.store = EventStore(
            folder, lambda: wall, lambda *why: self.troubles.append(why), self._settle, retry=0.02, **options
        )

    def _settle(self) -> None:
        self.settled += 1

    def happened(self, name: str, at: float = 1.0, **more: Any) -> None:
        self.store.put(at, {"event": name}, **more)

    @property
    def names(self) -> list[str]:
        return [event["event"] for event in shown(self.store.select())]


def shown(selection: Selection) -> list[dict[str, Any]]:
    return [json.loads(event) for event in selection.events]


def eventually(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.005)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def keep(folder: Path) -> Iterator[Open]:
    stores = []

    def begin(where: Path = folder, **options: Any) -> Kept:
        stores.append(Kept(where, **options))
        return stores[-1]

    yield begin
    for each in stores:
        each.store.close(5)


def test_events_are_there_after_a_restart_and_numbers_go_on(keep: Open) -> None:
    first = keep()
    first.happened("one")
    first.happened("two")
    first.store.close(5)
    # A host without a battery: its clock begins anew.
    second = keep(wall=5.0)
    second.happened("three")
    numbers = [event["id"] for event in shown(second.store.select())]
    assert second.names == ["one", "two", "three"]
    assert numbers == sorted(set(numbers))
    assert not first.troubles + second.troubles


def test_one_asks_for_what_comes_after_a_number_or_since_a_time(keep: Open) -> None:
    kept = keep()
    for at in (1.0, 2.0, 3.0):
        kept.happened(f"at {at}", at)
    everything = kept.store.select()
    assert [event["at"] for event in shown(kept.store.select(since=2.0))] == [2.0, 3.0]
    first = shown(everything)[0]["id"]
    assert [event["at"] for event in shown(kept.store.select(after=first))] == [2.0, 3.0]
    assert kept.store.select(after=everything.last) == Selection((), everything.last, "", 0)


def test_what_the_router_tells_a_second_observer_again_is_kept_once(keep: Open) -> None:
    first = keep()
    first.happened("down", moment=7.25)
    first.store.close(5)
    second = keep()
    second.happened("down", moment=7.25)
    second.happened("down", moment=8.5)
    eventually(lambda: len(second.names) == 2)


def test_without_a_folder_memory_answers_and_says_so(keep: Open, folder: Path) -> None:
    folder.write_text("in the way")
    kept = keep()
    kept.happened("one")
    assert kept.names == ["one"]
    eventually(lambda: bool(kept.troubles))
    reason, why = kept.troubles[0]
    assert reason == "open"
    assert str(folder) in why
    assert "`state: {dir: ...}` names another folder" in why
    assert kept.store.select().trouble == why


def test_what_was_kept_in_memory_is_written_when_that_is_possible_again(keep: Open, folder: Path) -> None:
    folder.write_text("in the way")
    kept = keep()
    kept.happened("one")
    eventually(lambda: bool(kept.troubles))
    folder.unlink()
    eventually(lambda: kept.settled == 1)
    assert kept.store.select().trouble == ""
    kept.store.close(5)
    assert keep().names == ["one"]


def test_a_folder_that_is_removed_is_made_again_and_memory_forgets_nothing(keep: Open, folder: Path) -> None:
    kept = keep()
    kept.happened("one")
    eventually(lambda: (folder / "events").exists() and (folder / "events").stat().st_size > 0)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    kept.happened("two")
    eventually(lambda: (folder / "events").exists() and b"two" in (folder / "events").read_bytes())
    assert kept.names == ["one", "two"]


def test_a_second_sidecar_in_the_folder_is_told_what_to_do(keep: Open) -> None:
    keep().names  # noqa: B018 - asking waits until it has the folder
    second = keep()
    second.happened("one")
    eventually(lambda: bool(second.troubles))
    assert second.troubles[0][0] == "in_use"
    assert "give each its own with `state: {dir: ...}`" in second.troubles[0][1]


def test_damaged_records_are_counted_and_the_others_are_there(keep: Open, folder: Path) -> None:
    first = keep()
    first.happened("one")
    first.happened("two")
    first.store.close(5)
    file = folder / "events"
    file.write_bytes(file.read_bytes().replace(b'"one"', b'"0ne"'))
    second = keep()
    assert second.names == ["two"]
    assert second.troubles == [("damaged", f"1 records in {folder} are damaged and were left out")]


@pytest.mark.parametrize(
    "record",
    [
        b"[" * 60_000,
        b"[]",
        b'{"id": Infinity, "at": 1, "event": "crash"}',
        b'{"id": 1, "at": 1%s, "event": "crash"}' % (b"0" * 400),
        b'{"id": 1, "at": NaN, "event": "crash"}',
        b'{"id": 1, "at": 1e300, "event": "crash"}',
        b'{"id": 1, "at": 1, "event": ["crash"], "moment": 1}',
        b'{"id": 1, "at": 1, "event": "crash", "moment": "yesterday"}',
    ],
    ids=["deep", "list", "infinite", "large", "no time", "late", "kind", "moment"],
)
def test_a_record_that_is_whole_and_no_event_is_counted_and_others_are_kept(
    keep: Open, folder: Path, record: bytes
) -> None:
    folder.mkdir()
    (folder / "events").write_bytes(framed(record) + framed(b'{"id": 7, "at": 1, "event": "started"}'))
    store = keep()
    store.happened("reload")
    assert store.names == ["started", "reload"]
    store.store.close(5)
    assert [reason for reason, _ in store.troubles] == ["damaged"]
    assert keep().names == ["started", "reload"]


def test_memory_is_bounded_and_an_event_too(keep: Open, folder: Path) -> None:
    folder.write_text("in the way")
    kept = keep()
    for number in range(1200):
        kept.store.put(1.0, {"event": str(number), "detail": "\0" * 100_000, "vips": ["x" * 99] * 999})
    selection = kept.store.select()
    assert sum(map(len, selection.events)) <= 1024 * 1024
    assert shown(selection)[-1]["event"] == "1199"
    assert selection.lost == 1200 - len(selection.events)


def test_a_text_that_is_cut_has_no_half_of_a_command(keep: Open) -> None:
    kept = keep()
    detail = "x" * 580 + ": `ip address del 10.77.0.100/32 dev eth0` removes it"
    kept.store.put(1.0, {"event": "warning", "detail": detail})
    assert shown(kept.store.select())[0]["detail"] == "x" * 580 + ":..."


def test_the_latest_are_told_in_their_order(keep: Open) -> None:
    kept = keep()
    for name in ("one", "two", "three"):
        kept.happened(name)
    eventually(lambda: len(kept.names) == 3)
    assert [json.loads(event)["event"] for event in kept.store.latest(2)] == ["two", "three"]
    assert len(kept.store.latest(20)) == 3


def test_the_last_of_some_kinds_are_found_whatever_else_has_happened(keep: Open) -> None:
    kept = keep()
    for number in range(3):
        kept.happened("transition", at=100.0 + number)
        kept.store.put(100.0 + number, {"event": "check_down", "detail": '{"event": "transition"}'})
    # The router tells a moment later.
    kept.happened("vip_removed", at=50.0)

    def found(*wanted: Any) -> list[tuple[str, float]]:
        return [(event["event"], event["at"]) for event in map(json.loads, kept.store.latest(*wanted))]

    moves = frozenset({"transition"})
    assert found(9, moves) == [("transition", 100.0), ("transition", 101.0), ("transition", 102.0)]
    assert found(2, moves) == [("transition", 101.0), ("transition", 102.0)]
    assert found(9, moves, 102.0) == [("transition", 102.0)]
    assert found(9, frozenset({"vip_removed", "started"})) == [("vip_removed", 50.0)]
    assert len(found(3)) == 3
