"""The label values that are known in advance are those that the code can really produce."""

import ast
from collections.abc import Iterator
from pathlib import Path

from sidecar.core.state import Reason
from sidecar.telemetry.label_values import ERRORS, TRANSITIONS

SOURCES = Path(__file__).parents[3] / "sidecar"


def _told() -> Iterator[tuple[str, str]]:
    """Yield component and reason of every warning in the source that spells them out."""
    for source in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            words = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
            match node.func.attr, words:
                case "_warn" | "trouble" | "error", [str(component), str(reason)]:
                    yield component, reason


def test_every_error_exists_at_zero() -> None:
    told = set(_told())
    assert ("election", "fail_open") in told
    assert told <= set(ERRORS)


def test_no_error_is_listed_that_nobody_can_make() -> None:
    by_reason_alone = {error for error in ERRORS if error[0] == "http"}
    assert set(ERRORS) - by_reason_alone <= set(_told())


def test_every_cause_belongs_to_a_transition() -> None:
    assert {reason for reasons in TRANSITIONS.values() for reason in reasons} == set(Reason)
