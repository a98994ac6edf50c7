"""Faults of the file itself."""

from pathlib import Path

import pytest

from sidecar.config.load import load
from sidecar.config.mistake import ConfigError
from sidecar.config.yaml.read import MAX_BYTES
from tests.unit.config.not_root import not_root

CONTENT = b"virtual_routers:\n  web: {interface: eth0, vrid: 51, priority: 250, addresses: [10.0.0.100]}\n"


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as raised:
        load(path, {}, "host-a")
    return str(raised.value)


def test_missing(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    assert (
        refusal(path) == f"{path}:1:1 error[file]: there is no such file; create it, or name another with -c"
    )


def test_directory(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path) == f"{tmp_path}:1:1 error[file]: this is a directory; name the file in it with -c"
    )


def test_a_file_as_a_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    assert "error[file]: cannot be read" in refusal(tmp_path / "file" / "c.yaml")


def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(CONTENT)
    path.chmod(0)
    with not_root():
        assert refusal(path).endswith("error[file]: no permission to read it; check its owner and mode")


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(b"node: a\n# caf\xe9\n")
    assert refusal(path) == f"{path}:2:6 error[encoding]: byte 0xe9 is not UTF-8; save the file in UTF-8"


def test_too_large_even_without_an_end() -> None:
    assert "error[too-large]" in refusal(Path("/dev/zero"))


def test_largest_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(CONTENT + b"#" * (MAX_BYTES - len(CONTENT)))
    assert load(path, {}, "host-a").config.virtual_routers["web"].vrid == 51


def test_byte_order_mark_and_dos_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + CONTENT.replace(b"\n", b"\r\n"))
    assert load(path, {}, "host-a").config.virtual_routers["web"].vrid == 51
