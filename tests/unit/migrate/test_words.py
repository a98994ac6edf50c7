"""Text to words and statements, each with its place."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.config.mistake import ConfigError
from sidecar.migrate.files import NoFiles
from sidecar.migrate.run import Input, run
from sidecar.migrate.source import ids_in, read_source
from sidecar.migrate.tree import Statement


def statements(text: str, host: str | None = None) -> tuple[Statement, ...]:
    return read_source(text, "k.conf", NoFiles(), {"HOST": "lb1"}, host).statements


def plain(read: tuple[Statement, ...]) -> list[object]:
    return [
        [word.text for word in one.words]
        if one.block is None
        else ([w.text for w in one.words], plain(one.block))
        for one in read
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b # c", [["a", "b"]]),
        ("a b!c", [["a", "b"]]),
        (r"a b\!c", [["a", "b"]]),
        ('a "b # c" d', [["a", "b # c", "d"]]),
        (r'a "say \"x\" \\ \d"', [["a", r'say "x" \ \d']]),
        ('a ""', [["a", ""]]),
        ("a \\\n  b", [["a", "b"]]),
        ("a{b}", [(["a"], [["b"]])]),
        ("a { b { c }\nd }", [(["a"], [(["b"], [["c"]]), ["d"]])]),
        ("a\n{\nb\n}\n", [(["a"], [["b"]])]),
        ("a {\n} b", [(["a"], []), ["b"]]),
        ("a ${B}{c}", [(["a", "${B}"], [["c"]])]),
        ("\ufeffa".removeprefix("\ufeff"), [["a"]]),
        ("$X=1\na $X ${X}2 $Y", [["a", "1", "12", "$Y"]]),
        ("$X= $Y\n$Y=2\na $X", [["a", "2"]]),
        ("$X = 1\na $X", [["$X", "=", "1"], ["a", "$X"]]),
        ("$X=1\na $X/24 ${X}/24 $X.1 ($X) $X, $X$X", [["a", "$X/24", "1/24", "$X.1", "(1)", "1,", "$X1"]]),
        ("$M=\\\nb 1\\\nc 2\na {\n$M\n}", [(["a"], [["b", "1"], ["c", "2"]])]),
        ("a ${_HASH}${_BANG}", [["a", "#!"]]),
        ("a ${_ENV HOST}", [["a", "lb1"]]),
        ("~SEQ(X, 3) a $X", [["a", "1"], ["a", "2"], ["a", "3"]]),
        ("~SEQ(X, 5, 3) a $X", [["a", "5"], ["a", "4"], ["a", "3"]]),
        ("~SEQ(X, 0, 5, 12) a $X", [["a", "0"], ["a", "5"], ["a", "10"]]),
        ("~SEQx(X, 9, b) a $X", [["a", "9"], ["a", "a"], ["a", "b"]]),
        ("~SEQ(X, 2) ~SEQ(Y, 2) a ${X}$Y", [["a", "11"], ["a", "12"], ["a", "21"], ["a", "22"]]),
        ("~LST(X, p, q) a $X", [["a", "p"], ["a", "q"]]),
        ("~LST({X, Y}, {p, 1}, {q, 2}) a $X $Y", [["a", "p", "1"], ["a", "q", "2"]]),
    ],
)
def test_statements(text: str, expected: list[object]) -> None:
    assert plain(statements(text)) == expected


def test_lines_of_other_hosts_are_left_out() -> None:
    text = "@lb1 a\n@lb2 b\n@^lb1 c\nd"
    assert plain(statements(text, "lb1")) == [["a"], ["d"]]
    assert plain(statements(text, "lb2")) == [["b"], ["c"], ["d"]]
    assert ids_in(text, "k.conf") == ("lb1", "lb2")


def test_words_know_where_they_stand() -> None:
    (outer,) = statements("\n  a {\n\tb  c\n  }\n")
    assert (outer.place.line, outer.place.column) == (2, 3)
    assert [(word.place.line, word.place.column) for word in outer.body[0].words] == [(3, 2), (3, 5)]


def test_what_a_definition_becomes_stands_where_it_is_used() -> None:
    (one,) = statements("$X=b c\na $X d")
    assert [(word.text, word.place.column) for word in one.words] == [("a", 1), ("b", 3), ("c", 3), ("d", 6)]


SIGNS = ["{", "}", '"', "\n", " ", "#", "!", "\\", "\v", "$X", "${", "$X=", "@b ", "~SEQ(X,2)", "~LST("]
WORDS = ["a", "include ", "vrrp_instance v {", "virtual_router_id 1", "interface e", "virtual_ipaddress {"]
pieces = st.sampled_from([*SIGNS, *WORDS, "192.0.2.1", "priority"])


@given(st.lists(pieces, max_size=40))
def test_any_text_becomes_a_result_or_a_refusal(parts: list[str]) -> None:
    with suppress(ConfigError):
        assert run([Input("k.conf", "".join(parts))], (), NoFiles(), {}).files
