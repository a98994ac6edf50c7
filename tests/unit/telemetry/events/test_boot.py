"""The kernel names each boot, and where it does not nothing is said."""

from pathlib import Path

from sidecar.telemetry.events.boot import boot_id


def test_it_is_the_same_until_the_next_boot() -> None:
    assert len(boot_id()) == 36
    assert boot_id() == boot_id()


def test_where_the_kernel_does_not_tell_there_is_none(tmp_path: Path) -> None:
    assert boot_id(tmp_path / "none") == ""
    (tmp_path / "odd").write_bytes(b"\xff")
    assert boot_id(tmp_path / "odd") == ""
