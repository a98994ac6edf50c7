"""Files with a key: what is a key, and what is said when there is none."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from sidecar.config.values.key_file import (
    KeyFile,
    _key,
    key_file,
)
from tests.unit.config.not_root import not_root

KEY = bytes(range(32))
HOW = "`openssl rand -hex 32` makes one, the same for all hosts"


def made(folder: Path, content: bytes, mode: int = 0o600) -> KeyFile:
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return key_file(str(path))


# ---- what is a key


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (KEY, KEY),
        (b"a" * 32, b"a" * 32),
        (b"a" * 64, b"a" * 64),
        (b"a" * 32 + b"\n", b"a" * 32),
        (b"a" * 32 + b"\n\n", b"a" * 32 + b"\n"),
        (b" " * 32, b" " * 32),
        (b"hex:" + KEY.hex().encode(), KEY),
        (b"hex:" + KEY.hex().upper().encode() + b"\n", KEY),
        (b"HEX:" + b"0" * 32, b"HEX:" + b"0" * 32),
    ],
)
def test_a_key_is_raw_bytes_or_hex_and_one_newline_is_no_part_of_it(
    tmp_path: Path, content: bytes, secret: bytes
) -> None:
    found = made(tmp_path, content)
    assert (found.secret.get_secret_value(), found.trouble) == (secret, None)


@pytest.mark.parametrize(
    ("content", "doubt"),
    [
        (b"\xef\xbb\xbf" + b"a" * 32, "begins with a byte order mark"),
        (b"HEX:" + b"0" * 32, "`hex:` is written in small letters"),
        (b"0x" + b"ab" * 20, "written as `hex:` and the digits alone"),
        (b":".join([b"ab"] * 16) + b"\n", "written as `hex:` and the digits alone"),
    ],
)
def test_a_key_that_another_host_may_spell_otherwise_is_used_and_doubted(
    tmp_path: Path, content: bytes, doubt: str
) -> None:
    found = made(tmp_path, content)
    assert found.trouble is None
    assert found.secret.get_secret_value() == content.removesuffix(b"\n")
    assert doubt in (found.doubt or "")


@pytest.mark.parametrize(
    "content", [KEY, b"hex:" + KEY.hex().encode(), KEY.hex().encode(), b"\xef\xbb\xbf" + b"\xff" * 32]
)
def test_a_key_as_it_should_be_is_not_doubted(tmp_path: Path, content: bytes) -> None:
    assert made(tmp_path, content).doubt is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"0x" + b"ab" * 32, "hex digits are written as `hex:`"),
        (b"HEX:" + b"ab" * 32, "`hex:` is written in small letters"),
        (("\ufeff" + "a" * 32).encode("utf-16-le"), "this file is UTF-16"),
    ],
)
def test_a_key_of_the_wrong_length_is_told_why(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in (made(tmp_path, content).trouble or "")


def test_what_openssl_prints_is_a_key(tmp_path: Path) -> None:
    assert made(tmp_path, KEY.hex().encode() + b"\n").secret.get_secret_value() == KEY.hex().encode()


@given(st.binary(min_size=32, max_size=64).filter(lambda key: not key.startswith(b"hex:")))
def test_any_bytes_are_a_key_raw_or_in_hex(key: bytes) -> None:
    assert _key(b"hex:" + key.hex().encode()) == key
    if not key.endswith((b"\n", b"\r")):
        assert _key(key) == _key(key + b"\n") == key


# ---- what is none


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"", f"the key in this file has 0 bytes, not 32 to 64: {HOW}"),
        (b"\n", f"the key in this file has 0 bytes, not 32 to 64: {HOW}"),
        (b"a" * 31, f"the key in this file has 31 bytes, not 32 to 64: {HOW}"),
        (b"a" * 65, f"the key in this file has 65 bytes, not 32 to 64: {HOW}"),
        (b"a" * 1024, f"the key in this file has 1024 bytes, not 32 to 64: {HOW}"),
        (b"hex:" + b"0" * 62, f"the key in this file has 31 bytes, not 32 to 64: {HOW}"),
        (b"hex:" + b"0" * 130, f"the key in this file has 65 bytes, not 32 to 64: {HOW}"),
        (b"a" * 1025, "this file is larger than 1024 bytes; it must hold the key alone"),
        (
            b"a" * 32 + b"\r\n",
            "the line in this file ends as on Windows, which peers do not strip; end it with LF",
        ),
        (
            b"a" * 32 + b"\r",
            "the line in this file ends as on Windows, which peers do not strip; end it with LF",
        ),
        (
            b"hex:" + b"0" * 63,
            "after `hex:` this file has something else than pairs of hex digits; correct it",
        ),
        (
            b"hex: " + b"0" * 64,
            "after `hex:` this file has something else than pairs of hex digits; correct it",
        ),
        (
            b"hex:" + b"g" * 64,
            "after `hex:` this file has something else than pairs of hex digits; correct it",
        ),
    ],
)
def test_what_is_no_key_is_told_without_showing_it(tmp_path: Path, content: bytes, trouble: str) -> None:
    found = made(tmp_path, content)
    assert (found.trouble, found.secret.get_secret_value()) == (trouble, b"")


def test_a_missing_file(tmp_path: Path) -> None:
    assert key_file(str(tmp_path / "none")).trouble == f"there is no such file; create it: {HOW}"


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "none")
    assert key_file(str(tmp_path / "link")).trouble == f"there is no such file; create it: {HOW}"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_not_read(device: str) -> None:
    assert key_file(device).trouble == "this is no regular file; name a file that holds the key"


def test_a_directory(tmp_path: Path) -> None:
    assert key_file(str(tmp_path)).trouble == "this is no regular file; name a file that holds the key"


def test_a_pipe_without_a_writer_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found: list[KeyFile] = []
    reader = threading.Thread(target=lambda: found.append(key_file(str(tmp_path / "pipe"))), daemon=True)
    reader.start()
    reader.join(5)
    assert [file.trouble for file in found] == ["this is no regular file; name a file that holds the key"]


def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    made(tmp_path, KEY)
    (tmp_path / "key").chmod(0)
    with not_root():
        trouble = key_file(str(tmp_path / "key")).trouble
    assert trouble == "this file cannot be read (Permission denied); check its path, owner and mode"


def test_a_file_as_a_folder(tmp_path: Path) -> None:
    made(tmp_path, KEY)
    trouble = key_file(str(tmp_path / "key" / "x")).trouble
    assert trouble == "this file cannot be read (Not a directory); check its path, owner and mode"


@pytest.mark.parametrize("path", ["/\0", "/run/\udc80\ud800"])
def test_a_path_that_no_file_can_have(path: str) -> None:
    assert key_file(path).trouble == "this is no path that a file can have; correct it"


@pytest.mark.parametrize("path", ["", "key", "./key", "~/key", 5, None, [], {}])
def test_a_path_that_is_not_absolute_may_be_the_key_itself_and_is_not_shown(path: object) -> None:
    with pytest.raises(PydanticCustomError) as raised:
        key_file(path)
    assert raised.value.message() == (
        "this is no absolute path; write that of a file with the key, never the key"
    )


# ---- who else can read it


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_for_its_owner_alone_is_not_exposed(tmp_path: Path, mode: int) -> None:
    assert not made(tmp_path, KEY, mode).exposed


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o777])
def test_a_file_that_others_can_read_or_change_is_exposed(tmp_path: Path, mode: int) -> None:
    assert made(tmp_path, KEY, mode).exposed


def test_a_finished_key_file_stays_itself_and_does_not_print_its_key(tmp_path: Path) -> None:
    found = made(tmp_path, b"hunTer2" * 5)
    assert key_file(found) is found
    assert "hunTer2" not in f"{found!r} {found}"
