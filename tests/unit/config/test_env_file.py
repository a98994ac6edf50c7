"""Files of variables, as compose reads them."""

from pathlib import Path

import pytest

from sidecar.config.env_file import read_env_file
from sidecar.config.mistake import ConfigError


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=250", "250"),
        ("  export A = 250  ", "250"),
        ("A=", ""),
        ("A=a b # a comment", "a b"),
        ("A=a#b", "a#b"),
        ("A='a # b'  # c", "a # b"),
        ('A="a \\"b\\" \\\\ $c"', 'a "b" \\ $c'),
        ('A="two\\nlines"', "two\nlines"),
        ("A='$x'", "$x"),
        ("A=10.77.0.11=x", "10.77.0.11=x"),
        ("\ufeffA=1", "1"),
        ("A=1\r", "1"),
    ],
)
def test_value(tmp_path: Path, line: str, value: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{line}\n# A=of a comment\n\nB=2\n", newline="")
    assert read_env_file(file) == {"A": value, "B": "2"}


def test_the_last_line_of_a_name_counts(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\nA=2\n")
    assert read_env_file(file) == {"A": "2"}


def test_every_mistake_is_told_and_no_value_is_shown(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\nPRIORITY: 250\nB='secret\n1C=secret\n")
    with pytest.raises(ConfigError) as raised:
        read_env_file(file)
    assert str(raised.value).splitlines() == [
        f"{file}:2:1 error[env-file]: this is no line like NAME=value; correct it, or remove it",
        f"{file}:3:1 error[env-file]: a quote has no end on this line; correct it, or remove it",
        f"{file}:4:1 error[env-file]: this is no line like NAME=value; correct it, or remove it",
    ]
    assert "secret" not in str(raised.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file"):
        read_env_file(tmp_path / "none")
