"""Tests that are tried again: which, how often, and that too many of them fail the run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.netns.vrrp_daemon import ROOT
from tests.repeats import BOUND, FINDING, main

pytestmark = pytest.mark.parts

TESTS = """
import pytest
from pathlib import Path

def fails_at_first(name):
    file = Path(__file__).with_name(name)
    first = not file.exists()
    file.touch()
    assert not first, "only at first"

@pytest.mark.timing
@pytest.mark.netns
@pytest.mark.parametrize("number", range({bounds}))
def test_bound(number):
    fails_at_first(f"bound{{number}}")

@pytest.mark.netns
@pytest.mark.parametrize("number", range({findings}))
def test_stage(number):
    fails_at_first(f"stage{{number}}")

@pytest.mark.netns
def test_wrong():
    {wrong}

def test_other():
    {other}
"""
SETTINGS = """
[tool.pytest.ini_options]
addopts = ["--strict-markers", "--rerun-show-tracebacks", "-p", "tests.repeats", "-p", "no:hypothesispytest"]
markers = ["netns: made up"]
"""
HOW = pytest.mark.parametrize("how", [[], ["--numprocesses", "1"]], ids=["alone", "xdist"])
MADE_UP = "test_made_up.py"


def run(
    folder: Path,
    how: list[str],
    *,
    bounds: int = 0,
    findings: int = 0,
    other: str = "pass",
    wrong: str = "pass",
) -> tuple[int, str]:
    """Run pytest on so many tests that succeed the second time, and others: exit code, text."""
    folder.mkdir()
    text = TESTS.format(bounds=bounds, findings=findings, other=other, wrong=wrong)
    (folder / MADE_UP).write_text(text)
    (folder / "pyproject.toml").write_text(SETTINGS)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REPEATS": str(folder.parent / "repeats")}
    argv = [sys.executable, "-m", "pytest", *how, str(folder)]
    done = subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=50
    )
    return done.returncode, done.stdout


@HOW
def test_a_bound_on_time_is_tried_again_and_named(tmp_path: Path, how: list[str]) -> None:
    code, text = run(tmp_path / "x", how, bounds=1)
    assert code == 0, text
    assert f"bound on time: 1 of at most {BOUND.limit} repeats\n  {MADE_UP}::test_bound[0]\n" in text
    assert (tmp_path / "repeats").read_text() == f"bound on time\t{MADE_UP}::test_bound[0]\n"


@HOW
def test_a_test_beside_real_programs_is_tried_again_once_and_its_failure_is_shown(
    tmp_path: Path, how: list[str]
) -> None:
    code, text = run(tmp_path / "x", how, findings=1)
    assert code == 0, text
    assert f"finding: 1 of at most {FINDING.limit} repeats\n  {MADE_UP}::test_stage[0]\n" in text
    assert "AssertionError: only at first" in text


@HOW
def test_whatever_else_fails_once_has_failed(tmp_path: Path, how: list[str]) -> None:
    code, text = run(tmp_path / "x", how, other='fails_at_first("other")')
    assert code == 1
    assert f"bound on time: 0 of at most {BOUND.limit} repeats\n" in text
    assert f"finding: 0 of at most {FINDING.limit} repeats\n" in text


def test_what_fails_twice_beside_real_programs_has_failed(tmp_path: Path) -> None:
    code, text = run(tmp_path / "x", [], wrong="assert False")
    assert code == 1
    assert f"finding: 1 of at most {FINDING.limit} repeats\n  {MADE_UP}::test_wrong\n" in text


def test_the_runs_of_one_make_test_are_counted_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "repeats"
    assert main(str(file)) == 0
    file.write_text("bound on time\ttest_earlier.py::test_bound\n" * (BOUND.limit - 1))
    assert run(tmp_path / "five", [], bounds=1)[0] == 0
    assert main(str(file)) == 0
    code, text = run(tmp_path / "six", ["--numprocesses", "1"], bounds=1)
    assert code == 1
    limit = BOUND.limit
    assert f"bound on time: {limit + 1} of at most {limit} repeats\n  test_earlier.py::test_bound\n" in text
    assert "2 passed" not in text
    assert "3 passed" in text
    assert main(str(file)) == 1
    assert f"{limit + 1} of at most {limit} repeats" in capsys.readouterr().out


def test_a_few_findings_are_too_many(tmp_path: Path) -> None:
    code, text = run(tmp_path / "x", [], findings=FINDING.limit + 1)
    assert code == 1
    assert "That is too many: the run has failed" in text
