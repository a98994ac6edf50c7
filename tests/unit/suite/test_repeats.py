"""Tests that are tried again: which, how often, and that too many of them fail the run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.netns.vrrp_daemon import ROOT
from tests.repeats import LIMIT, main

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
@pytest.mark.parametrize("number", range({count}))
def test_bound(number):
    fails_at_first(f"bound{{number}}")

def test_other():
    {other}
"""
SETTINGS = """
[tool.pytest.ini_options]
addopts = ["--strict-markers", "-p", "tests.repeats", "-p", "no:hypothesispytest"]
"""
HOW = pytest.mark.parametrize("how", [[], ["--numprocesses", "1"]], ids=["alone", "xdist"])


def run(folder: Path, how: list[str], count: int, other: str = "pass") -> tuple[int, str]:
    """Run pytest on a bound that holds the second time, `count` times, and another test: exit code, text."""
    folder.mkdir()
    (folder / "test_made_up.py").write_text(TESTS.format(count=count, other=other))
    (folder / "pyproject.toml").write_text(SETTINGS)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REPEATS": str(folder.parent / "repeats")}
    argv = [sys.executable, "-m", "pytest", *how, str(folder)]
    done = subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=150
    )
    return done.returncode, done.stdout


@HOW
def test_a_bound_on_time_is_tried_again_and_named(tmp_path: Path, how: list[str]) -> None:
    code, text = run(tmp_path / "x", how, 1)
    assert code == 0, text
    assert f"1 of at most {LIMIT} repeats\n  test_made_up.py::test_bound[0]\n" in text
    assert (tmp_path / "repeats").read_text() == "test_made_up.py::test_bound[0]\n"


@HOW
def test_whatever_else_fails_once_has_failed(tmp_path: Path, how: list[str]) -> None:
    code, text = run(tmp_path / "x", how, 0, 'fails_at_first("other")')
    assert code == 1
    assert f"0 of at most {LIMIT} repeats\n" in text


def test_the_runs_of_one_make_test_are_counted_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "repeats"
    assert main(str(file)) == 0
    file.write_text("test_earlier.py::test_bound\n" * (LIMIT - 1))
    assert run(tmp_path / "five", [], 1)[0] == 0
    assert main(str(file)) == 0
    code, text = run(tmp_path / "six", ["--numprocesses", "1"], 1)
    assert code == 1
    assert f"{LIMIT + 1} of at most {LIMIT} repeats\n  test_earlier.py::test_bound\n" in text
    assert "1 passed" not in text
    assert "2 passed" in text
    assert main(str(file)) == 1
    assert f"{LIMIT + 1} of at most {LIMIT} repeats" in capsys.readouterr().out
