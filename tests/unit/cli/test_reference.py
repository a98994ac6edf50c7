"""docs/commands.md is what the argument parser says, and every exit code of the code is in it.

Modules: cli.arguments, cli.command_line, cli.exits, cli.reference.
"""

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from sidecar.cli import exit_codes
from sidecar.cli.arguments import VERBS
from sidecar.cli.command_line import actions, parsers
from sidecar.cli.reference import lines

DOCUMENT = Path(__file__).parents[3] / "docs" / "commands.md"


def test_the_committed_page_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIP_SIDECAR_SOCKET", "/elsewhere.sock")
    assert DOCUMENT.read_text(encoding="utf-8").splitlines() == list(lines()), (
        "run `python -m sidecar.cli.reference > docs/commands.md`"
    )


def exit_codes_of(module: str) -> set[int]:
    """The codes that a module names."""
    spec = find_spec(f"sidecar.cli.{module}")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    return {
        getattr(exit_codes, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "exit_codes"
    }


@pytest.mark.parametrize("name", VERBS)
def test_each_exit_code_that_a_verb_can_have_is_explained(name: str) -> None:
    assert exit_codes_of(VERBS[name].module) <= set(VERBS[name].exits)
    assert exit_codes.BROKEN in VERBS[name].exits, "wrong usage"


@pytest.mark.parametrize("name", VERBS)
def test_each_option_is_explained_and_each_verb_that_prints_has_json(name: str) -> None:
    _, verbs = parsers()
    assert all(action.help for action in actions(verbs[name]))
    options = {option for action in actions(verbs[name]) for option in action.option_strings}
    assert ("-o" in options) is (name != "run")
