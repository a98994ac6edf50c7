"""Trials of many mutants beside each other, on a copy of the sources; results are kept in a file."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tests.mutation.mutant import CORE, Mutant
from tests.mutation.reach import SIMULATION, Reached, own_tests, who_reaches
from tests.unit.suite.layout import Tree

COPIED: Final = ("sidecar", "tests", "pyproject.toml")
TESTS: Final = ("tests/unit/core", "tests/unit/together/core", "tests/rfc")
SEEDS: Final = 20
"""Simulated worlds of each regime for a mutant that no test has noticed."""
BASELINE_CPU: Final = 600
"""Seconds of processor time that all of it may take without a mutant, each call being noted."""
SLOWER: Final = 2
"""A mutant may need so many times what the baseline has needed; one that needs more runs for ever."""


@dataclass(frozen=True)
class Result:
    """What has noticed a mutant: the name of a test, of a monitor, a limit; nothing if it has survived."""

    mutant: Mutant
    killer: str
    cpu: float

    @property
    def killed(self) -> bool:
        """Whether something has noticed."""
        return bool(self.killer)


@dataclass(frozen=True)
class Bench:
    """A copy of the sources, with what its tests cost and which files they run without a mutant."""

    root: Path
    cpu: int
    seconds: dict[str, float]
    tests: Sequence[str]
    seeds: int
    reached: Reached = field(default_factory=dict)

    @cached_property
    def layout(self) -> Tree:
        """Which tests belong to which module."""
        return Tree(self.root)

    def test(self, mutant: Mutant) -> Result:
        """Try one mutant."""
        found = self.trial(mutant)
        return Result(mutant, found["killer"], found["cpu"])

    def trial(self, mutant: Mutant | None) -> dict[str, Any]:
        """Run the tests and the simulation in a process of their own, and return its answer."""
        changed = None if mutant is None else mutant.as_dict()
        only = None if mutant is None else who_reaches(mutant, self.reached)
        own = [] if mutant is None else own_tests(self.layout, mutant)
        seeds = self.seeds if only is None or SIMULATION in only else 0
        order = {"mutant": changed, "own": own, "tests": self.tests, "only": only, "seeds": seeds}
        return _trial(self.root, {**order, "cpu": self.cpu, "seconds": self.seconds})


def _trial(root: Path, order: dict[str, Any]) -> dict[str, Any]:
    argv = [sys.executable, "-m", "tests.mutation.trial"]
    # Bytecode of the copy is worth keeping: each trial imports all of it.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        argv, cwd=root, env=environment, input=json.dumps(order), capture_output=True, text=True, check=False
    )
    if done.returncode < 0:
        return {"killer": f"limit: signal {-done.returncode}", "cpu": order["cpu"]}
    if done.returncode:
        raise RuntimeError(f"a trial ended with {done.returncode}:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@contextmanager
def bench(root: Path, tests: Sequence[str] = TESTS, seeds: int = SEEDS) -> Iterator[Bench]:
    """Copy the sources, and see that nothing kills what is not mutated."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = root / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        found = Bench(copy, BASELINE_CPU, {}, tests, seeds).trial(None)
        if found["killer"]:
            raise RuntimeError(f"without a mutant fails: {found['killer']}")
        limit = int(SLOWER * found["cpu"]) + 10
        yield Bench(copy, limit, found["seconds"], tests, seeds, found["reached"])


def state(root: Path) -> str:
    """A short digest of the core: results of one state say nothing about another."""
    whole = hashlib.sha256()
    for file in sorted((root / CORE).rglob("*.py")):
        whole.update(file.read_bytes())
    return whole.hexdigest()[:8]


def read(file: Path) -> dict[str, Result]:
    """The results so far, by the names of the mutants; the last one of each counts."""
    lines = file.read_text().splitlines() if file.exists() else []
    found = (json.loads(line) for line in lines)
    results = (Result(Mutant(**each["mutant"]), each["killer"], each["cpu"]) for each in found)
    return {result.mutant.name: result for result in results}


def run(bench: Bench, mutants: Sequence[Mutant], file: Path | None, processes: int) -> Iterator[Result]:
    """Try all of them, and add each result to the file as it comes."""
    with ThreadPoolExecutor(processes) as pool:
        for done in as_completed([pool.submit(bench.test, mutant) for mutant in mutants]):
            result = done.result()
            if file is not None:
                with file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(asdict(result)) + "\n")
            yield result
