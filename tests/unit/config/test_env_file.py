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
        ('A="a \\"b\\" \\\\ \\$c"', 'a "b" \\ $c'),
        ("A='two\nlines'", "two\nlines"),
        ('A="two\nlines"  # c', "two\nlines"),
        ("A=${OUTSIDE}0", "250"),
        ('A="$OUTSIDE"', "25"),
        ("A=${NONE:-1}$$", "1$"),
        ("A=$(date)", "$(date)"),
        ("A='${NONE}'", "${NONE}"),
        ("A=a\x0bb", "a\x0bb"),
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
    assert read_env_file(file, {"OUTSIDE": "25"}) == {"A": value, "B": "2"}


def test_a_value_refers_to_a_line_above(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("BASE=24\nPRIORITY=${BASE}0\n")
    assert read_env_file(file, {"BASE": "9"})["PRIORITY"] == "240"


def test_names_of_other_services_are_read_over(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("spring.profile=x\nMY-NAME=y\nA=1\n")
    assert read_env_file(file)["A"] == "1"


def test_the_last_line_of_a_name_counts(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\nA=2\n")
    assert read_env_file(file) == {"A": "2"}


def test_every_mistake_is_told_and_no_value_is_shown(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text('A=1\nPRIORITY: 250\nB="secret\n1C=secret\nD=se$cret\nE="secret"secret\nF=\'\n')
    with pytest.raises(ConfigError) as raised:
        read_env_file(file)
    assert str(raised.value).splitlines() == [
        f"{file}:{line}:1 error[env-file]: {what}, or remove the line"
        for line, what in (
            (2, "this is no line like NAME=value; write `=` for the colon"),
            (3, "a quote has no end on this line, or something stands behind it; close it"),
            (4, "this is no line like NAME=value; write it so"),
            (5, "a $ with a name is a variable here, and none of that name is set; write the text in '...'"),
            (6, "a quote has no end on this line, or something stands behind it; close it"),
            (7, "a quote has no end; close it"),
        )
    ]
    assert "secret" not in str(raised.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"there is no such file; create it, or name another with --env-file"
    ):
        read_env_file(tmp_path / "none")
