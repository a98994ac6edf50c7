"""Scalars are strict, positions are exact, and a small file stays small."""

import time

import pytest

from sidecar.config.mistake import ConfigError, Position
from sidecar.config.yaml.document import (
    Document,
    read_document,
)
from sidecar.config.yaml.tree import parse_tree


def document(text: str, **environ: str) -> Document:
    tree, mistakes = parse_tree(text, "f")
    assert not mistakes
    return read_document(tree, environ)


AS_WRITTEN = (
    "51", "-20", "0", "-0", "+1", "010", "0o17", "0x1f", "0b11", "1_000", "1.50", "1e3", ".inf", "true",
    "false", "no", "on", "yes", "True", "1:30", "2026-01-01",
    "=", "0644",
)  # fmt: skip
"""Plain scalars that some YAML reader takes for something else than text."""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *((w, w) for w in AS_WRITTEN),
        ("'51'", "51"),
        ('"true"', "true"),
        ('""', ""),
    ],
)
def test_a_scalar_is_the_text_that_was_written(written: str, read: str) -> None:
    assert document(f"k: {written}").data == {"k": read}


def test_an_expanded_scalar_is_text_as_if_it_had_been_written() -> None:
    found = document('a: ${N}\nb: "${N}"\nc: ${T}\nd: x${N}', N="-0", T="true")
    assert found.data == {"a": "-0", "b": "-0", "c": "true", "d": "x-0"}


def test_keys_are_not_expanded_and_stay_text() -> None:
    assert document("on: 1\n51: 2\n${X}: 3").data == {"on": "1", "51": "2", "${X}": "3"}


def test_a_value_is_not_yaml_again() -> None:
    assert document("a: ${INJECTED}", INJECTED="{b: 1}\nc: 2").data == {"a": "{b: 1}\nc: 2"}


@pytest.mark.parametrize("written", ["", "~", "null", "${EMPTY}"])
def test_a_key_without_value_is_a_finding_and_not_a_default(written: str) -> None:
    found = document(f"a: 1\nb: {written}", EMPTY="")
    assert [finding.code for finding in found.findings] == ["empty-value"]
    assert found.data == {"a": "1"}
    assert found.broken == {("b",)}


def test_positions() -> None:
    found = document('a:\n  - x\n  - {b: "y"}\n')
    assert found.locate(("a", 1, "b")) == Position(3, 9)
    assert found.locate(("a", 1, "b"), at_key=True) == Position(3, 6)
    assert found.locate(("a", 1, "missing"), at_key=True) == Position(3, 5)
    assert found.locate(("nowhere",)) == Position(1, 1)


def test_aliases_stand_for_their_value() -> None:
    found = document("a: &x [1, 2]\nb: *x\nc: [*x]")
    assert found.data == {
        "a": ["1", "2"],
        "b": ["1", "2"],
        "c": [["1", "2"]],
    }


def test_nested_aliases_end_in_bounded_time() -> None:
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 15))]
    started = time.process_time()
    (finding,) = document("\n".join(lines)).findings
    assert finding.code == "too-large"
    assert time.process_time() - started < 20  # unbounded it would be years


def test_a_file_full_of_values_ends_in_bounded_time() -> None:
    started = time.process_time()
    with pytest.raises(ConfigError, match="more than 10000 keys and values"):
        parse_tree("a: [" + "x," * 500_000 + "]", "f")
    assert time.process_time() - started < 20


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000, "[" * 5000 + "]" * 5000])
def test_deep_nesting_is_one_clear_error(text: str) -> None:
    with pytest.raises(ConfigError, match="nested deeper than 20 levels"):
        parse_tree(text, "f")


@pytest.mark.parametrize("written", ["${A}", "x${A}y", '"\\ud800"'])
def test_what_no_text_can_hold_is_refused_where_it_stands(written: str) -> None:
    """A variable of the environment may hold any bytes, and YAML has escapes for half characters."""
    (finding,) = document(f"checks:\n  - {written}", A="\udcff").findings
    assert (finding.path, finding.code) == (("checks", 0), "encoding")


def test_a_password_is_bytes_and_may_hold_any() -> None:
    found = document("virtual_routers: {web: {auth: {pass: '${A}'}}}", A="\udcff")
    assert found.findings == []
