"""Records on a real disk: after a restart, a tear, a removal, and when there is no room."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sidecar.telemetry.events.segments import FolderInUse, Segments


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "state"


@pytest.fixture
def segments(folder: Path) -> Iterator[Segments]:
    """An open folder of files of 2,000 bytes."""
    segments = Segments(folder, 2000)
    assert segments.open().records == ()
    yield segments
    segments.close()


def reopened(segments: Segments, folder: Path) -> tuple[bytes, ...]:
    """What the next process finds."""
    segments.close()
    following = Segments(folder)
    try:
        return following.open().records
    finally:
        following.close()


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The kernel cuts off what is beyond that, as it does where a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_records_are_there_for_the_next_process(segments: Segments, folder: Path) -> None:
    segments.append([b"one", b"two"])
    segments.append([b"three"])
    assert reopened(segments, folder) == (b"one", b"two", b"three")
    assert (folder / "events").stat().st_mode & 0o777 == 0o600


def test_the_newest_are_kept_and_both_files_are_bounded(segments: Segments, folder: Path) -> None:
    written = [b"%04d" % number * 10 for number in range(1000)]
    for record in written:
        segments.append([record])
        assert sum(file.stat().st_size for file in folder.iterdir()) <= 4000
    kept = reopened(segments, folder)
    assert list(kept) == written[-len(kept) :]
    assert len(kept) > 1000 // 55


def test_what_follows_a_torn_record_is_found(segments: Segments, folder: Path) -> None:
    segments.append([b"one", b"torn"])
    segments.close()
    file = folder / "events"
    file.write_bytes(file.read_bytes()[:-3])
    assert segments.open().records == (b"one",)
    segments.append([b"three"])
    assert reopened(segments, folder) == (b"one", b"three")


def test_a_write_that_finds_no_room_leaves_nothing_behind(segments: Segments, folder: Path) -> None:
    segments.append([b"one"])
    before = (folder / "events").read_bytes()
    with no_file_longer_than(len(before) + 10), pytest.raises(OSError, match="File too large"):
        segments.append([b"two" * 20])
    assert (folder / "events").read_bytes() == before
    segments.append([b"three"])
    assert reopened(segments, folder) == (b"one", b"three")


def test_a_file_that_somebody_removed_is_made_again(segments: Segments, folder: Path) -> None:
    segments.append([b"one"])
    (folder / "events").unlink()
    segments.append([b"two"])
    assert reopened(segments, folder) == (b"two",)


def test_no_two_keep_their_events_in_one_folder(segments: Segments, folder: Path) -> None:
    second = Segments(folder)
    with pytest.raises(FolderInUse, match="another vip-sidecar"):
        second.open()
    segments.close()
    second.open()
    second.close()


def test_a_link_is_not_followed(segments: Segments, folder: Path, tmp_path: Path) -> None:
    segments.close()
    (folder / "events").unlink()
    (folder / "events").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        segments.open()
    assert not (tmp_path / "elsewhere").exists()


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        Segments(tmp_path / "state").open()
