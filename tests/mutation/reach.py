"""Which test runs which file of the core: a mutant is tried with the tests that can notice it."""

import ast
import inspect
import sys
from pathlib import Path
from types import FrameType
from typing import Final

from tests.mutation.mutant import CORE, Mutant
from tests.unit.suite.layout import Tree

BETWEEN: Final = ""
"""Stands for what is called between tests: any of them may depend on it."""
SIMULATION: Final = "simulation"
_PURE: Final = ("unit", "rfc", "sim")
_MARK: Final = f"/{CORE}/"

Reached = dict[str, list[str]]
"""For each test, file of tests, SIMULATION and BETWEEN: files of the core of which a function was called."""


class Reach:
    """Notes the files of the core whose functions are called from `begin` to `end`, for what is `current`."""

    def __init__(self) -> None:
        self._files: dict[str, set[str]] = {}
        self.current(BETWEEN)

    def current(self, what: str) -> None:
        """From now on it is this that calls."""
        self._now = self._files.setdefault(what, set())

    def begin(self) -> None:
        """Look at each call."""
        sys.settrace(self._called)

    @staticmethod
    def end() -> None:
        """Look no more."""
        sys.settrace(None)

    def _called(self, frame: FrameType, _event: str, _argument: object) -> None:
        code = frame.f_code
        # The bodies of modules and classes are code, too, and no functions.
        if _MARK in code.co_filename and code.co_flags & inspect.CO_OPTIMIZED:
            self._now.add(code.co_filename)

    @property
    def reached(self) -> Reached:
        """The answer, with paths as mutants have them."""
        return {
            what: sorted(f"{CORE}/{name.rpartition(_MARK)[2]}" for name in files)
            for what, files in self._files.items()
        }


def who_reaches(mutant: Mutant, reached: Reached) -> list[str] | None:
    """Return what runs the file of a mutant, tests and SIMULATION. None: anything may."""
    if not reached or mutant.file in reached[BETWEEN] or not _in_a_function(mutant):
        return None
    return [what for what, files in reached.items() if mutant.file in files]


def _in_a_function(mutant: Mutant) -> bool:
    """Whether the changed code runs when a function is called, and not when the module is imported."""
    functions = (
        node
        for node in ast.walk(ast.parse(Path(mutant.file).read_text()))
        if isinstance(node, ast.FunctionDef)
    )
    return any(each.body[0].lineno <= mutant.line <= (each.end_lineno or 0) for each in functions)


def own_tests(tree: Tree, mutant: Mutant) -> list[str]:
    """Return the tests that are about this module, by their names or docstrings: most mutants end there.

    Without those that need a kernel.
    """
    module = mutant.file.removesuffix(".py")
    own = {test for test in tree.tests if tree.tested_by(test) == module}
    own |= {test for test, pattern in tree.named() if module in tree.matching(pattern)}
    return sorted(f"{test}.py" for test in own if test.split("/")[1] in _PURE)
