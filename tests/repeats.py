"""Which tests are tried again when they fail, and how often one run of the suite may do that.

A machine can take the processor away for a second, and then a bound on time is broken though nothing is
wrong. Tests that measure such a bound carry the marker `timing`: they are tried up to three times. All
others fail at once, because a repeat would hide a race. Every repeat is printed at the end; more than LIMIT
of them fail the run. With REPEATS=FILE the runs of pytest that make up one `make test` count together:
`python -m tests.repeats FILE` prints the sum.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

LIMIT: Final = 5
"""Repeats that one run of the suite may have."""
_TRIES: Final = 3
_PAUSE: Final = 3
"""Seconds before the next try: what held the processor may be over."""
_MARKER: Final = "timing"
_FILE: Final = "REPEATS"


def summary(names: Sequence[str]) -> list[str]:
    """Lines about these repeats, one name for each."""
    return [f"{len(names)} of at most {LIMIT} repeats", *(f"  {name}" for name in names)]


class Repeats:
    """Counts the repeats of this run of pytest, and those of the runs before it with the same file."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._names: list[str] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let tests of bounds on time be tried again."""
        for item in items:
            if item.get_closest_marker(_MARKER):
                item.add_marker(pytest.mark.flaky(reruns=_TRIES - 1, reruns_delay=_PAUSE))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a repeat."""
        # An outcome of pytest-rerunfailures, which pytest's own types do not know.
        if str(report.outcome) == "rerun":
            self._names.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Add this run's repeats to the file, and fail if there are too many in all."""
        if hasattr(session.config, "workerinput"):
            return  # xdist: the process that has started the workers hears of everything
        if self._file is not None and self._names:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as out:
                out.writelines(f"{name}\n" for name in self._names)
        if len(self._all()) > LIMIT and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print how many repeats there were, and of what."""
        terminalreporter.section("repeats of tests of bounds on time")
        for line in summary(self._all()):
            terminalreporter.line(line)
        if len(self._all()) > LIMIT:
            terminalreporter.line(
                "That is too many: the run has failed. What is their common cause?", red=True
            )

    def _all(self) -> list[str]:
        return self._names if self._file is None else read(self._file)


def read(file: Path) -> list[str]:
    """The repeats in a file, which is absent if there were none."""
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def pytest_configure(config: pytest.Config) -> None:
    """Become a plugin."""
    config.addinivalue_line("markers", f"{_MARKER}: a bound on time, tried again twice if it is broken")
    file = os.environ.get(_FILE)
    config.pluginmanager.register(Repeats(Path(file) if file else None), "repeats")


def main(file: str) -> int:
    """Print the repeats of a whole run. 1 if there are too many."""
    names = read(Path(file))
    print("The whole run:", "\n".join(summary(names)))
    return int(len(names) > LIMIT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
