"""Variables in values."""

import pytest

from sidecar.config.yaml.expand import (
    Variable,
    expand,
)

ENVIRON = {"NAME": "a", "EMPTY": "", "DOLLAR": "${NAME}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${NAME}", "a"),
        ("x${NAME}y${NAME}", "xaya"),
        ("${EMPTY}", ""),
        ("${EMPTY:-b}", "b"),
        ("${UNSET:-b}", "b"),
        ("${UNSET:-}", ""),
        ("${UNSET:-a:-b}", "a:-b"),
        ("${NAME:-b}", "a"),
        ("${NAME:?why}", "a"),
        ("$${NAME}", "${NAME}"),
        ("$$$$", "$$"),
        ("$$NAME costs 5$ or $5", "$NAME costs 5$ or $5"),
        ("$(date) $-", "$(date) $-"),
        ("${DOLLAR}", "${NAME}"),
    ],
)
def test_expansion(text: str, expected: str) -> None:
    expanded = expand(text, ENVIRON)
    assert (expanded.text, expanded.problems) == (expected, ())


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("plain $${NAME} $NAME", ()),
        ("${NAME}${NAME:-b}", (Variable("NAME", is_set=True),)),
        ("${NAME:?why} ${UNSET:-b}", (Variable("NAME", is_set=True), Variable("UNSET", is_set=False))),
        ("${EMPTY}", (Variable("EMPTY", is_set=True),)),
        ("${EMPTY:-b}", (Variable("EMPTY", is_set=False),)),
        ("${UNSET}", ()),
        ("${UNSET:?why}", ()),
    ],
)
def test_variables_that_a_text_depends_on(text: str, variables: tuple[Variable, ...]) -> None:
    assert expand(text, ENVIRON).variables == variables


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("${UNSET}", "UNSET is not set in the environment; set it, or write ${UNSET:-default}"),
        ("${UNSET:?say who}", "UNSET is not set or empty; set it: say who"),
        ("${EMPTY:?say who}", "EMPTY is not set or empty; set it: say who"),
        ("${EMPTY:?}", "EMPTY is not set or empty; set it: it has no default"),
        ("$NAME/24", "$NAME is not expanded; write ${NAME}, or $$NAME for a literal dollar sign"),
        ("${NAME", "`${NAME` has no closing brace; write `$$` for a literal dollar sign"),
        ("${NAME:-${EMPTY}}", "`${NAME:-...}` holds another reference; references cannot be nested"),
    ],
)
def test_problem(text: str, problem: str) -> None:
    assert expand(text, ENVIRON).problems == (problem,)


@pytest.mark.parametrize("text", ["${}", "${1A}", "${A B}", "${A-b}", "${A:b}", "${A:+b}"])
def test_no_variable(text: str) -> None:
    (problem,) = expand(text, ENVIRON).problems
    assert "is no variable; write ${NAME}, ${NAME:-default} or ${NAME:?message}" in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "${PRIORTY:?250 or 240}",
            "PRIORTY is not set or empty (PRIORITY is: a misspelling?); set it: 250 or 240",
        ),
        ("${priority:?250}", "priority is not set or empty (PRIORITY is: a misspelling?); set it: 250"),
        ("${PEERS:?all}", "PEERS is not set or empty (PEER is: a misspelling?); set it: all"),
        ("${PEER2:?of host 2}", "PEER2 is not set or empty; set it: of host 2"),
        ("${IFACE:?its name}", "IFACE is not set or empty; set it: its name"),
    ],
)
def test_a_variable_that_is_set_under_nearly_the_name_is_told(text: str, said: str) -> None:
    assert expand(text, {"PRIORITY": "1", "PEER": "2", "IFACE": ""}).problems == (said,)


def test_every_problem_of_a_text_is_reported() -> None:
    assert len(expand("${A} ${B} ${NAME} ${1}", ENVIRON).problems) == 3
