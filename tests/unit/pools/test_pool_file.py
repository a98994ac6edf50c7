"""The file is replaced as a whole, keeps its mode, and leaves nothing beside it."""

import threading
from pathlib import Path

import pytest

from sidecar.pools.pool_file import PoolFile


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = PoolFile(tmp_path / "app.conf")
    assert file.read() is None
    file.write(b"one")
    assert file.read() == b"one"
    assert file.path.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["app.conf"]


def test_the_mode_of_the_file_is_kept(tmp_path: Path) -> None:
    file = PoolFile(tmp_path / "app.conf")
    file.write(b"one")
    file.path.chmod(0o640)
    file.write(b"two")
    assert file.path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.conf").write_bytes(b"one")
    file = PoolFile(tmp_path / "app.conf")
    file.path.symlink_to("real.conf")
    file.write(b"two")
    assert file.path.is_symlink()
    assert (tmp_path / "real.conf").read_bytes() == b"two"


@pytest.mark.parametrize("before", [None, b"before"])
def test_restore_puts_back_what_was_there(tmp_path: Path, before: bytes | None) -> None:
    file = PoolFile(tmp_path / "app.conf")
    if before is not None:
        file.path.write_bytes(before)
    seen = file.read()
    file.write(b"after")
    file.restore(seen)
    assert file.read() == before


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    file = PoolFile(tmp_path / "app.conf")
    texts = [letter * 100_000 for letter in (b"a", b"b")]
    file.write(texts[0])
    seen: set[bytes | None] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(file.read())

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(50):
        file.write(texts[number % 2])
    done.set()
    reader.join()
    assert seen <= set(texts)


def test_what_an_earlier_life_left_half_written_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in (".app.conf.x1y2.new", ".other.conf.x1y2.new", "app.conf", "app.conf.new"):
        (tmp_path / name).write_bytes(b"x")
    PoolFile(tmp_path / "app.conf").sweep()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {".other.conf.x1y2.new", "app.conf", "app.conf.new"}


def test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PoolFile(tmp_path / "no" / "app.conf").write(b"x")


def test_the_name_of_what_is_half_written_is_not_one_that_nginx_includes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        assert not list(tmp_path.glob("*.conf"))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sidecar.pools.pool_file.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        PoolFile(tmp_path / "app.conf").write(b"x")
    assert list(tmp_path.iterdir()) == []
