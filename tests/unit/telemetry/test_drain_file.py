"""A drain is on the disk, as long as it was meant to be."""

import os
from math import inf
from pathlib import Path

import pytest

from sidecar.clock import clock
from sidecar.telemetry.drain_file import Drained, read, remove, write

MINUTE = Drained(1000.0, 1060.0, "uid 0")


def test_what_was_written_is_read_until_it_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    assert read(folder) is None
    for drained in (MINUTE, Drained(1000.0, None, "uid 7")):
        write(folder, drained)
        assert read(folder) == drained
    assert {file.name for file in folder.iterdir()} == {"drain"}
    remove(folder)
    remove(folder)
    assert read(folder) is None


def test_the_next_process_may_be_another_user(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write(tmp_path / "state", MINUTE)
    finally:
        os.umask(before)
    assert (tmp_path / "state" / "drain").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"[]",
        b'{"since": 1}',
        b'{"since": NaN, "until": 1, "by": ""}',
        b'{"since": "x", "until": null, "by": 1}',
        b'{"since": 1, "until": 1e300, "by": "uid 0"}',
        b'{"since": 1, "until": 1000000000000000000, "by": "uid 0"}',
        b'{"since": 1%s, "until": null, "by": "uid 0"}' % (b"0" * 400),
        b"[" * 4000,
    ],
)
def test_what_is_damaged_is_told(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "drain").write_bytes(damaged)
    with pytest.raises(ValueError, match="is damaged; remove it"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("wall", "left"),
    [(1000.0, 60.0), (1059.0, 1.0), (1060.0, 0.0), (9999.0, 0.0), (0.0, 60.0)],
    ids=["begun", "last second", "over", "long over", "the clock was set back"],
)
def test_it_is_over_in_time_whatever_the_clock_says(wall: float, left: float) -> None:
    assert MINUTE.left(wall) == left
    assert MINUTE.asked(wall).until == pytest.approx(clock() + left, abs=5.0)


def test_one_without_an_end_has_none() -> None:
    drained = Drained(1000.0, None, "uid 0")
    assert drained.left(1e12) == inf
    assert drained.why == "drained by uid 0 until it is taken back"
    assert MINUTE.why == "drained by uid 0 until 1970-01-01 00:17:40 UTC"
