"""Where the code and its tests lie, read from the files and never imported."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

APART: Final = ("bench", "docs", "suite", "together")
"""Folders of tests/unit that mirror none of sidecar: benchmark, pages, the tests, several modules at once."""
MIRRORS: Final = {"tests/kernel": "sidecar/net"}
"""Another suite that mirrors a folder of sidecar: its parts are nothing without a kernel."""
_NAMED: Final = re.compile(r"^Modules: ((?:[\w.*]+(?:,\s+|\.?$))+)", re.MULTILINE)


@dataclass(frozen=True)
class Tree:
    """The files below a folder that has `sidecar` and `tests`."""

    root: Path

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Every module of sidecar by its path without the ending, as `sidecar/core/node`."""
        return {self._name(file): file for file in sorted((self.root / "sidecar").rglob("*.py"))}

    @cached_property
    def tests(self) -> dict[str, Path]:
        """Every file of tests, by its path without the ending."""
        return {self._name(file): file for file in sorted((self.root / "tests").rglob("test_*.py"))}

    @cached_property
    def _parsed(self) -> dict[str, ast.Module]:
        return {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in self.modules.items()}

    def _name(self, file: Path) -> str:
        return str(PurePosixPath(file.relative_to(self.root).with_suffix("")))

    def tested_by(self, test: str) -> str | None:
        """Return the module that a test mirrors: `test_lease_renewal` mirrors `lease` if that is one."""
        folder, _, name = test.rpartition("/test_")
        for ours, theirs in ({"tests/unit": "sidecar"} | MIRRORS).items():
            if folder == ours or folder.startswith(f"{ours}/"):
                words = name.split("_")
                beginnings = ("_".join(words[:count]) for count in range(len(words), 0, -1))
                places = (f"{theirs}{folder.removeprefix(ours)}/{each}" for each in beginnings)
                return next((place for place in places if place in self.modules), None)
        return None

    def astray(self) -> list[str]:
        """Return the unit tests that mirror no module and are not where several modules are tested."""
        unit = (test for test in self.tests if test.startswith("tests/unit/"))
        return [test for test in unit if test.split("/")[2] not in APART and self.tested_by(test) is None]

    def named(self) -> Iterator[tuple[str, str]]:
        """Yield each test with each pattern of modules that its docstring names."""
        for test, file in self.tests.items():
            for match in _NAMED.finditer(_docstring(file)):
                for name in match.group(1).rstrip(".").replace(",", " ").split():
                    yield test, f"sidecar/{name.replace('.', '/')}"

    def matching(self, pattern: str) -> set[str]:
        """Return the modules of a pattern: `sidecar/net/bpf`, or `sidecar/net/*` for all of a folder."""
        return {module for module in self.modules if PurePosixPath(module).match(pattern)}

    def untested(self) -> list[str]:
        """Return the modules with logic that have no test.

        A module has one if a test mirrors it or names it, or if it is a part of one other module, the only
        one that imports it, which has a test.
        """
        tested = {module for test in self.tests if (module := self.tested_by(test)) is not None}
        tested |= {module for _, pattern in self.named() for module in self.matching(pattern)}
        users = self._users()
        growing = True
        while growing:
            parts = {each for each, by in users.items() if len(by) == 1 and by <= tested} - tested
            tested |= parts
            growing = bool(parts)
        return [module for module, tree in self._parsed.items() if _has_logic(tree) and module not in tested]

    def _users(self) -> dict[str, set[str]]:
        """Return for each module those that import it."""
        users: dict[str, set[str]] = {}
        for module, tree in self._parsed.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module:
                    for alias in node.names:
                        whole = f"{node.module}.{alias.name}".replace(".", "/")
                        used = whole if whole in self.modules else node.module.replace(".", "/")
                        users.setdefault(used, set()).add(module)
        return users

    def too_long(self, most: int) -> list[str]:
        """Return the files of code with more lines than that."""
        folders = ("sidecar", "tests", "bench", "lab", "release")
        files = (file for folder in folders for file in sorted((self.root / folder).rglob("*.py")))
        sizes = ((file, len(file.read_text(encoding="utf-8").splitlines())) for file in files)
        return [f"{file.relative_to(self.root)} has {size} lines" for file, size in sizes if size > most]


def _docstring(file: Path) -> str:
    """Return what a file begins with. To parse all of it would cost a hundred times as much."""
    before, _, after = file.read_text(encoding="utf-8").partition('"""')
    return "" if before else after.partition('"""')[0]


def _has_logic(tree: ast.Module) -> bool:
    """Whether a module has a function or method at all: names, constants and plain data cannot be wrong."""
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree))
