"""The README on real hosts, as far as a test may go: all but `up`, which would take an address."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.compose_lab import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

Run = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(tmp_path: Path, image: str) -> Run:
    """Run a line in a copy of what a host needs, without any setting of ours in the environment."""
    for file in ("docker-compose.host.yml", "seccomp.json"):
        shutil.copy(ROOT / file, tmp_path)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    names = ("PRIORITY", "COMPOSE_FILE", "COMPOSE_PROFILES")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment |= {"COMPOSE_FILE": "docker-compose.host.yml", "SIDECAR_IMAGE": image}

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", line],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def readme_lines(*beginnings: str) -> list[str]:
    """The lines of the README that begin so, without prompt and remark."""
    lines = [line.removeprefix("$ ") for line in (ROOT / "README.md").read_text().splitlines()]
    found = [line.partition("     #")[0].strip() for line in lines if line.startswith(beginnings)]
    assert len(found) == len(beginnings), found
    return found


def test_the_files_are_made_and_checked_as_the_readme_says(shell: Run) -> None:
    for line in readme_lines("mkdir config", "echo PRIORITY"):
        assert shell(line).returncode == 0
    checked = shell("docker compose run --rm --no-deps sidecar check-config")
    assert checked.returncode == 0, checked.stderr
    assert "ok: web: VRID 51 on eth0, priority 250, 192.0.2.100/24" in checked.stdout


@pytest.mark.parametrize("verb", ["ps", "config --quiet", "logs", "down"])
def test_no_verb_asks_for_the_priority_again(shell: Run, verb: str) -> None:
    assert shell("echo PRIORITY=250 > .env").returncode == 0
    done = shell(f"docker compose {verb}")
    assert done.returncode == 0, done.stderr


def test_without_the_file_the_line_that_mends_it_is_told(shell: Run) -> None:
    refused = shell("docker compose config --quiet")
    assert refused.returncode != 0
    assert "write PRIORITY=250 into .env" in refused.stderr
