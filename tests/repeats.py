"""Which tests are tried again when they fail, and how often one run of the suite may do that.

A machine can take the processor away for a second, and then a bound on time is broken though nothing is
wrong. Tests that measure such a bound carry the marker `timing`: they are tried up to three times.

Tests beside real programs, kernels and peers (the markers of STAGES) are tried twice, because the verdict
about a commit must not depend on one race among thousands of tests (ADR 0029). Such a repeat hides nothing:
it is a finding, printed with its failure and named at the end, and very few of them fail the run. All other
tests fail at once.

With REPEATS=FILE the runs of pytest that make up one `make test` count together: `python -m tests.repeats
FILE` prints the sum.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest


@dataclass(frozen=True, slots=True)
class Kind:
    """Tests that are tried again. `limit`: repeats of all of them that one run of the suite may have."""

    name: str
    tries: int
    limit: int


BOUND: Final = Kind("bound on time", 3, 5)
FINDING: Final = Kind("finding", 2, 2)
STAGES: Final = frozenset({"parts", "netns", "interop", "e2e"})
_KINDS: Final = {kind.name: kind for kind in (BOUND, FINDING)}
_PAUSE: Final = 3
"""Seconds before the next try: what held the processor may be over."""
_MARKER: Final = "timing"
_FILE: Final = "REPEATS"

Repeat = tuple[Kind, str]
"""A repeat of a test of this name."""


def summary(repeats: Sequence[Repeat]) -> list[str]:
    """Lines about these repeats, one name for each."""
    lines = []
    for kind in (BOUND, FINDING):
        names = [name for of, name in repeats if of is kind]
        lines += [
            f"{kind.name}: {len(names)} of at most {kind.limit} repeats",
            *(f"  {name}" for name in names),
        ]
    return lines


def too_many(repeats: Sequence[Repeat]) -> bool:
    """Whether these fail the run."""
    return any(sum(of is kind for of, _ in repeats) > kind.limit for kind in _KINDS.values())


class Repeats:
    """Counts the repeats of this run of pytest, and those of the runs before it with the same file."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._own: list[Repeat] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let tests of bounds on time, and beside real programs, be tried again."""
        for item in items:
            if kind := _kind({marker.name for marker in item.iter_markers()}):
                item.add_marker(pytest.mark.flaky(reruns=kind.tries - 1, reruns_delay=_PAUSE))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a repeat."""
        # An outcome of pytest-rerunfailures, which pytest's own types do not know.
        if str(report.outcome) == "rerun":
            self._own.append((_kind(set(report.keywords)) or FINDING, report.nodeid))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Add this run's repeats to the file, and fail if there are too many in all."""
        if hasattr(session.config, "workerinput"):
            return  # xdist: the process that has started the workers hears of everything
        if self._file is not None and self._own:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as out:
                out.writelines(f"{kind.name}\t{name}\n" for kind, name in self._own)
        if too_many(self._all()) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print how many repeats there were, and of what."""
        terminalreporter.section("repeats")
        for line in summary(self._all()):
            terminalreporter.line(line)
        if too_many(self._all()):
            terminalreporter.line(
                "That is too many: the run has failed. What is their common cause?", red=True
            )

    def _all(self) -> list[Repeat]:
        return self._own if self._file is None else read(self._file)


def read(file: Path) -> list[Repeat]:
    """The repeats in a file, which is absent if there were none."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [(_KINDS[kind], name) for kind, name in (line.split("\t", 1) for line in lines)]


def _kind(markers: set[str]) -> Kind | None:
    if _MARKER in markers:
        return BOUND
    return FINDING if markers & STAGES else None


def pytest_configure(config: pytest.Config) -> None:
    """Become a plugin."""
    config.addinivalue_line("markers", f"{_MARKER}: a bound on time, tried again twice if it is broken")
    file = os.environ.get(_FILE)
    config.pluginmanager.register(Repeats(Path(file) if file else None), "repeats")


def main(file: str) -> int:
    """Print the repeats of a whole run. 1 if there are too many."""
    repeats = read(Path(file))
    print("The whole run:", "\n".join(summary(repeats)))
    return int(too_many(repeats))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
