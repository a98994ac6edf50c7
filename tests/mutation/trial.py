"""One mutant under the tests of the core and then under simulated hosts, in a process of its own.

    python -m tests.mutation.trial < ORDER.json > ANSWER.json

The module is changed while it is imported: no file is written. A mutant that runs for ever is ended by a
limit of processor time, which does not depend on how busy the machine is.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import pytest

from tests.mutation.mutant import Mutant, mutated

_UNIT: Final = Path("tests/unit/core")
MEMORY: Final = 4 << 30
"""Bytes of address space: a mutant that collects for ever ends here."""


class _Loader(importlib.machinery.SourceFileLoader):
    """Runs the changed code in place of what the file says. Bytecode is neither read nor written."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(Path(mutant.file).resolve()))
        self._tree = mutated(mutant)

    def get_code(self, fullname: str) -> CodeType | None:
        del fullname
        return compile(self._tree, self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if fullname != self._mutant.module:
            return None
        package = self._mutant.file.endswith("__init__.py")
        loader = _Loader(self._mutant)
        places = [str(Path(loader.path).parent)] if package else None
        return importlib.util.spec_from_file_location(
            fullname, loader.path, loader=loader, submodule_search_locations=places
        )


class _Trial:
    """The plugin: cheap tests come first, and the first that fails is remembered."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._known = seconds
        self.seconds: dict[str, float] = {}
        self.killer = ""

    def pytest_collection(self) -> None:
        """Look for a failing example, not for the smallest one; the same examples each time."""
        from hypothesis import Phase, settings  # noqa: PLC0415  # pytest wants to be the first to import it

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("trial", settings.default, phases=phases, derandomize=True, database=None)
        settings.load_profile("trial")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort by what each has cost without a mutant."""
        items.sort(key=lambda item: self._known.get(item.nodeid, 0.0))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what cannot even be imported."""
        if report.failed and not self.killer:
            self.killer = f"{report.nodeid} (not imported)"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what a test costs, and remember the one that fails."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed and not self.killer:
            self.killer = report.nodeid


def _own_tests(mutant: Mutant) -> list[str]:
    """The tests that are named after the module: most mutants end here, before all others are imported."""
    return [str(file) for file in sorted(_UNIT.rglob(f"test_{Path(mutant.file).stem}*.py"))]


def _tests(trial: _Trial, folders: Sequence[str]) -> str:
    ignored = [
        "--ignore-glob=*/test_mutants.py",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:rerunfailures",
    ]
    own = [
        "--override-ini=addopts=--import-mode=importlib",
        "--override-ini=timeout=0",
        "--no-header",
        "--quiet",
    ]
    code = pytest.main([*own, *ignored, "--exitfirst", "--tb=no", *folders], plugins=[trial])
    return trial.killer or ("" if code == pytest.ExitCode.OK else f"pytest ended with {code}")


def _simulation(seeds: int) -> str:
    from tests.sim.regimes import REGIMES  # noqa: PLC0415  # the mutant has to be in place before
    from tests.sim.run import run_seed  # noqa: PLC0415
    from tests.sim.violation import Violation  # noqa: PLC0415

    for seed in range(seeds):
        for regime in REGIMES:
            try:
                run_seed(regime, seed)
            except Violation as violation:
                return f"simulation: {violation.monitor} ({regime} {seed})"
            except Exception as error:  # noqa: BLE001  # whatever ends a world
                return f"simulation: {type(error).__name__} ({regime} {seed})"
    return ""


def main() -> None:
    """Try one mutant, or none for a baseline, and print what has noticed it."""
    order = json.load(sys.stdin)
    mutant = Mutant(**order["mutant"]) if order["mutant"] else None
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu"], order["cpu"] + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    trial = _Trial(order["seconds"])
    stages = [own] if mutant and order["tests"] and (own := _own_tests(mutant)) else []
    stages += [order["tests"]] if order["tests"] else []
    killer = next(filter(None, (_tests(trial, stage) for stage in stages)), "") or _simulation(order["seeds"])
    seconds = {} if mutant else trial.seconds
    with os.fdopen(out, "w") as told:
        json.dump({"killer": killer, "cpu": round(time.process_time(), 2), "seconds": seconds}, told)


if __name__ == "__main__":
    main()
