"""A configuration that is mounted as a single file is told, with real mounts."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.config import mounted_file
from sidecar.config.mounted_file import mounted_alone
from tests.unit.checks.stage import in_new_network


def bound(source: Path, target: Path, then: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    """The warning while `source` is mounted on `target`, in a mount namespace that nobody else sees."""

    def mounted() -> tuple[str, ...]:
        subprocess.run(["mount", "--bind", source, target], check=True)
        return then()

    return in_new_network(mounted, mounts=True)


@pytest.fixture
def thread_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The namespace is that of a thread of this process, and not that of the process."""
    monkeypatch.setattr(mounted_file, "_MOUNTS", Path("/proc/thread-self/mountinfo"))


@pytest.mark.usefixtures("thread_mounts")
@pytest.mark.parametrize("name", ["config.yaml", "with space.yaml"])
def test_a_file_that_is_mounted_alone_is_told(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / "source.yaml", tmp_path / "etc" / name
    target.parent.mkdir()
    source.touch()
    target.touch()
    link = tmp_path / "link.yaml"
    link.symlink_to(target)
    assert mounted_alone(target) == ()
    for path in (target, link):
        (warning,) = bound(source, target, lambda path=path: mounted_alone(path))  # type: ignore[misc]
        assert warning.startswith(f"warning[mounted-file]: {path} is mounted as a single file")
        assert warning.endswith(f"({target.parent})")


@pytest.mark.usefixtures("thread_mounts")
def test_a_file_in_a_mounted_folder_is_fine_and_a_rename_is_seen_there(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "etc"
    source.mkdir()
    target.mkdir()
    (source / "config.yaml").write_text("old")

    def renamed() -> tuple[str, ...]:
        (source / "new").write_text("new")
        (source / "new").rename(source / "config.yaml")
        assert (target / "config.yaml").read_text() == "new"
        return mounted_alone(target / "config.yaml")

    assert bound(source, target, renamed) == ()


@pytest.mark.usefixtures("thread_mounts")
def test_the_warning_is_true_a_replaced_file_is_not_seen(tmp_path: Path) -> None:
    source, target = tmp_path / "source.yaml", tmp_path / "config.yaml"
    source.write_text("old")
    target.touch()

    def replaced() -> tuple[str, ...]:
        (tmp_path / "new").write_text("new")
        (tmp_path / "new").replace(source)
        assert target.read_text() == "old"
        return mounted_alone(target)

    assert len(bound(source, target, replaced)) == 1


def test_no_file_and_no_table_say_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mounted_alone(None) == ()
    monkeypatch.setattr(mounted_file, "_MOUNTS", tmp_path / "absent")
    assert mounted_alone(tmp_path) == ()
