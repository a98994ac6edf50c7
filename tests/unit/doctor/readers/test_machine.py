"""The machine, from files that were made by hand, and its real clock."""

from pathlib import Path

from sidecar.doctor.evidence import Platform
from sidecar.doctor.readers.machine import read_clock, read_platform


def test_vendor_wifi_and_user_namespace(tmp_path: Path) -> None:
    (tmp_path / "class/dmi/id").mkdir(parents=True)
    (tmp_path / "class/dmi/id/sys_vendor").write_text("Amazon EC2\n")
    (tmp_path / "class/dmi/id/product_name").write_text("m5.large\n")
    (tmp_path / "class/net/wlan0/wireless").mkdir(parents=True)
    (tmp_path / "class/net/eth0").mkdir()
    uid_map = tmp_path / "uid_map"
    uid_map.write_text("         0     100000      65536\n")
    assert read_platform(tmp_path, uid_map) == Platform("Amazon EC2", "m5.large", frozenset({"wlan0"}), True)
    uid_map.write_text("         0          0 4294967295\n")
    assert not read_platform(tmp_path, uid_map).rootless


def test_what_is_not_there_is_unknown(tmp_path: Path) -> None:
    assert read_platform(tmp_path, tmp_path / "none") == Platform()


def test_the_clock_is_read() -> None:
    assert isinstance(read_clock(), bool)
