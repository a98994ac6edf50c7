"""A good file in which one letter is wrong is told by one sentence, without a secret."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError, Mistake

FILE = """\
virtual_routers:
  web:
    interface: "eth0"
    vrid: 51
    priority: 250
    version: 2
    addresses: [192.0.2.100/24, '192.0.2.101/24']
    auth: {pass: geheim}
checks:
  page: {http: "http://127.0.0.1/", every: 1s}
  uplink:
    link: eth0
"""
LETTERS = "\"'[]{}:,#&*!|>%@`\t -\n/\\=;x\u00a0\uff1a\uff0c"


@given(
    st.integers(0, len(FILE) - 1), st.sampled_from(LETTERS), st.sampled_from(["replace", "insert", "remove"])
)
@settings(deadline=None, max_examples=300)
def test_one_letter_wrong(at: int, letter: str, how: str) -> None:
    rest = at if how == "insert" else at + 1
    text = FILE[:at] + ("" if how == "remove" else letter) + FILE[rest:]
    mistakes = refused(text)
    if mistakes and mistakes[0].code == "syntax":
        assert len(mistakes) == 1
        assert mistakes[0].line <= len(text.splitlines()) + 1
    if "geheim" in text:
        assert not any("geheim" in mistake.message for mistake in mistakes)


def refused(text: str) -> tuple[Mistake, ...]:
    try:
        parse(text, "f", {}, "host-a")
    except ConfigError as error:
        return error.mistakes
    return ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('    interface: "eth0\n', (3, "the quote that opens here has no end")),
        ("    interface:eth0\n", (3, "the colon of `interface` has no space behind it")),
        ("    interface eth0\n", (3, "this line has no colon")),
        ("    interface: `eth0`\n", (3, "a value cannot begin with `")),
        ("     interface: eth0\n", (4, "`vrid` is indented by 4 and the line above by 5")),
        ("    interface: {a: [b}\n", (3, "entries in [ ] and { } have commas between them")),
        ("    interface: a: b\n", (3, "a second colon with a space stands in this line")),
        ("    // interface\n", (3, "a comment begins with # and not with //")),
    ],
)
def test_the_line_that_is_wrong_is_the_one_that_is_told(line: str, said: tuple[int, str]) -> None:
    lines = FILE.splitlines(keepends=True)
    with pytest.raises(ConfigError) as raised:
        parse("".join([*lines[:2], line, *lines[3:]]), "f", {}, "host-a")
    (mistake,) = raised.value.mistakes
    assert (mistake.line, said[1]) == (said[0], mistake.message[: len(said[1])])


def test_the_corpus_has_no_advice_of_the_parser_alone_where_something_better_is_known() -> None:
    folder = Path(__file__).parents[1] / "bad"
    vague = [path.stem for path in folder.glob("syntax-*.expected") if "no YAML (" in path.read_text()]
    assert vague == []
