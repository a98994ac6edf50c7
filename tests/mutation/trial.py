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
from typing import Any, Final

import pytest

from tests.mutation.mutant import Mutant, mutated
from tests.mutation.reach import BETWEEN, SIMULATION, Reach

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
    """The plugin: cheap tests come first, and the first that fails is remembered.

    `only` are the tests to be run, None for all. With `reach` each test notes what it calls.
    """

    def __init__(
        self, seconds: dict[str, float], only: list[str] | None = None, reach: Reach | None = None
    ) -> None:
        self._known = seconds
        self._only = None if only is None else set(only)
        self._reach = reach
        self.seconds: dict[str, float] = {}
        self.killer = ""

    def pytest_collection(self) -> None:
        """Look for a failing example, not for the smallest one; the same examples each time."""
        from hypothesis import Phase, settings  # noqa: PLC0415  # pytest wants to be the first to import it

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("trial", settings.default, phases=phases, derandomize=True, database=None)
        settings.load_profile("trial")

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """What is called while a file is imported is called for its tests."""
        if self._reach is not None:
            self._reach.current(_file(collector.nodeid))

    def pytest_collection_finish(self) -> None:
        """Nothing is imported any more."""
        if self._reach is not None:
            self._reach.current(BETWEEN)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort by what each has cost without a mutant."""
        if self._only is not None:
            items[:] = [item for item in items if {item.nodeid, _file(item.nodeid)} & self._only]
        items.sort(key=lambda item: self._known.get(item.nodeid, 0.0))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what cannot even be imported."""
        if report.failed and not self.killer:
            self.killer = f"{report.nodeid} (not imported)"

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """From now on what is called is called by this test."""
        if self._reach is not None:
            self._reach.current(nodeid)

    def pytest_runtest_logfinish(self) -> None:
        """From now on it is nobody's."""
        if self._reach is not None:
            self._reach.current(BETWEEN)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what a test costs, and remember the one that fails."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed and not self.killer:
            self.killer = report.nodeid


def _file(test: str) -> str:
    return test.partition("::")[0]


def _tests(trial: _Trial, places: Sequence[str]) -> str:
    """Run the tests of these files and folders. Return the first that fails."""
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
    code = pytest.main([*own, *ignored, "--exitfirst", "--tb=no", *places], plugins=[trial])
    if code == pytest.ExitCode.USAGE_ERROR:
        raise RuntimeError(f"pytest understands none of {places}")
    good = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    return trial.killer or ("" if code in good else f"pytest ended with {code}")


def _simulation(seeds: int, reach: Reach | None) -> str:
    """Run so many seeds of each regime. Return the monitor that speaks first."""
    from tests.sim.regimes import REGIMES  # noqa: PLC0415  # the mutant has to be in place before
    from tests.sim.run import run_seed  # noqa: PLC0415
    from tests.sim.violation import Violation  # noqa: PLC0415

    if reach is not None:
        reach.current(SIMULATION)
    for seed in range(seeds):
        if seed and reach is not None:
            reach.end()
        for regime in REGIMES:
            try:
                run_seed(regime, seed)
            except Violation as violation:
                return f"simulation: {violation.monitor} ({regime} {seed})"
            except Exception as error:  # noqa: BLE001  # whatever ends a world
                return f"simulation: {type(error).__name__} ({regime} {seed})"
    return ""


def _tried(order: dict[str, Any], mutant: Mutant | None, reach: Reach | None) -> str:
    """Return what notices first: tests about the module, all others that run it, or the simulation."""
    only, places, seeds = None, order["tests"], order["seeds"]
    if mutant is not None and places:
        own = order["own"]
        if own and (killer := _tests(_Trial(order["seconds"]), own)):
            return killer
        if order["only"] is not None:
            only = [test for test in order["only"] if _file(test).endswith(".py") and _file(test) not in own]
            places = sorted({_file(test) for test in only})
    trial = _Trial(order["seconds"], only, reach)
    killer = _tests(trial, places) if places else ""
    order["seconds"] = trial.seconds
    return killer or _simulation(seeds, reach)


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
    reach = None if mutant else Reach()
    if reach is not None:
        reach.begin()
    killer = _tried(order, mutant, reach)
    answer = {"killer": killer, "cpu": round(time.process_time(), 2)}
    if reach is not None:
        answer |= {"reached": reach.reached, "seconds": order["seconds"]}
    with os.fdopen(out, "w") as told:
        json.dump(answer, told)


if __name__ == "__main__":
    main()
