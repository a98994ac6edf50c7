"""Mutants of the core: every one that can be made, a sample of them, and the changed syntax tree of one."""

import ast
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.mutation.operators import changes

CORE = Path("sidecar/core")
_NO_CODE = frozenset({"annotation", "returns", "decorator_list", "type_params"})
"""Fields of a node that say something about the program, and are not run to decide anything."""


@dataclass(frozen=True, order=True)
class Mutant:
    """One change of one file. `number` counts the changes of that file in the order of its text."""

    file: str
    number: int
    line: int
    operator: str
    before: str
    after: str

    @property
    def name(self) -> str:
        """The file and the number, which tell mutants of one state of the sources apart."""
        return f"{self.file}#{self.number}"

    @property
    def module(self) -> str:
        """The module that is changed, as it is imported."""
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.operator}: {self.before}  ->  {self.after}"


@dataclass(frozen=True)
class _Place:
    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def _places(parent: ast.AST) -> Iterator[_Place]:
    for field, value in ast.iter_fields(parent):
        if field in _NO_CODE or (isinstance(parent, ast.Assign) and field != "value"):
            continue
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(node, ast.AST):
                yield _Place(parent, field, index if isinstance(value, list) else None, node)
                yield from _places(node)


def _all(tree: ast.Module) -> Iterator[tuple[_Place, str, ast.AST]]:
    for place in list(_places(tree)):
        for operator, node in changes(place.node):
            yield place, operator, node


def _line(node: ast.AST) -> str:
    """The first line of the code, which is enough to recognize a statement with a body."""
    return ast.unparse(node).strip().splitlines()[0]


def mutants_of(file: Path) -> list[Mutant]:
    """Every mutant of a file, whose path is relative to the root of the sources."""
    found = []
    for number, (place, operator, node) in enumerate(_all(ast.parse(file.read_text()))):
        where = place.node if hasattr(place.node, "lineno") else place.parent
        before, after = _line(place.node), _line(ast.copy_location(node, where))
        found.append(Mutant(str(file), number, getattr(where, "lineno", 0), operator, before, after))
    return found


def mutated(mutant: Mutant) -> ast.Module:
    """The syntax tree of the changed file."""
    tree = ast.parse(Path(mutant.file).read_text())
    for number, (place, _, node) in enumerate(_all(tree)):
        if number == mutant.number:
            place.put(node)
            return ast.fix_missing_locations(tree)
    raise LookupError(f"{mutant.name}: the file has changed, and has fewer mutants")


def sample(number: int, seed: int, lines: Mapping[str, Container[int]] | None = None) -> list[Mutant]:
    """Draw mutants of the core: one of each file, then of all that are left, each with the same chance.

    With `lines`, the lines of each file, only mutants of these are drawn.
    """
    rng = Random(seed)  # noqa: S311  # a repeatable sample
    by_file: dict[str, list[Mutant]] = defaultdict(list)
    for file in sorted(CORE.rglob("*.py")):
        name = str(file)
        if found := [each for each in mutants_of(file) if lines is None or each.line in lines.get(name, ())]:
            by_file[name] = found
    first = [rng.choice(each) for each in by_file.values()]
    rest = sorted({each for found in by_file.values() for each in found} - set(first))
    chosen = [*first, *rng.sample(rest, min(len(rest), max(0, number - len(first))))]
    rng.shuffle(chosen)
    return chosen[:number]
