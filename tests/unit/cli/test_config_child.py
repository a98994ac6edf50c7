"""The child of a reload, when the files of the sidecar are no longer those that it was started from."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar import __version__
from sidecar.channel.package import PACKAGE, Package
from sidecar.channel.reload import READING, Reading
from sidecar.cli.config_child import main, reread
from sidecar.cli.exit_codes import BROKEN, OK

GOOD = "virtual_routers: {web: {interface: lo, vrid: 51, priority: 100, addresses: [192.0.2.1]}}\n"
OLD = "interface: lo, version: 2, priority: 100, auth: {pass: secret}"
"""A virtual router that is warned of: its password protects nothing."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "config.yaml"
    made.write_text(f"{GOOD}control: {{socket: {tmp_path}/control.sock}}\n")
    return made


def said(child: Callable[[int], int]) -> tuple[int, bytes]:
    """Exit status and words of a child that writes to a descriptor."""
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as words:
        status = child(theirs)  # which closes it
        return status, words.read()


def read_again(file: Path, present: bytes, version: str = __version__) -> tuple[int, Reading]:
    memory = os.memfd_create("present")
    os.write(memory, present)
    status, words = said(lambda descriptor: reread(str(file), descriptor, memory, version))
    return status, READING.decode(words)


def present(file: Path) -> bytes:
    status, words = said(lambda descriptor: main(str(file), descriptor))
    assert status == OK
    return words


def test_of_the_same_version_it_says_the_same_package(file: Path) -> None:
    package = present(file)
    status, reading = read_again(file, package)
    assert (status, reading.why) == (OK, "")
    assert reading.package == PACKAGE.decode(package)


def test_another_version_is_named(file: Path) -> None:
    status, reading = read_again(file, present(file), "0.0.9")
    assert (status, reading.package) == (BROKEN, None)
    assert "it runs version 0.0.9" in reading.why
    assert "restart it" in reading.why


def test_warnings_of_a_file_that_is_refused_do_not_hide_why(file: Path) -> None:
    package = present(file)
    file.write_text(
        "virtual_routers:\n"
        + "".join(f"  r{n}: {{{OLD}, vrid: {n + 1}, addresses: [192.0.2.{n + 1}]}}\n" for n in range(5))
        + "checks: {nginx: {proces: nginx}}\n"
    )
    status, reading = read_again(file, package)
    assert status == BROKEN
    assert "there is no key 'proces'" in reading.why
    assert "protects nothing" not in reading.why
    assert "protects nothing" not in reading.told.decode()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff" * 40, id="nonsense"),
        pytest.param(PACKAGE.encode(Package(b"1", b"2", 0, 0)), id="plans of another form"),
    ],
)
def test_a_package_of_another_form_is_of_other_files(file: Path, other: bytes) -> None:
    status, reading = read_again(file, other)
    assert (status, reading.package) == (BROKEN, None)
    assert "were replaced" in reading.why
