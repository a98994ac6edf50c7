"""Verbs that read the configuration, as a user runs them.

Modules: cli.check_config, cli.cleanup, cli.configuration, cli.run.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.together.cli.test_command import GOOD, ROOT, command

pytestmark = pytest.mark.parts

BAD = GOOD.replace("vrid: 51", "vrid: 300").replace("priority", "priorty")


def test_cleanup_reads_variables_from_a_file_as_check_config_does(tmp_path: Path) -> None:
    config, environment = tmp_path / "vip.yaml", tmp_path / ".env"
    config.write_text(GOOD.replace("250", '"${PRIORITY_OF_THIS_HOST:?250 or 240}"'))
    environment.write_text("PRIORITY_OF_THIS_HOST=300\n")
    for verb in ("check-config", "cleanup"):
        assert "PRIORITY_OF_THIS_HOST is not set" in command(verb, "-c", str(config)).stderr
        told = command(verb, "-c", str(config), "--env-file", str(environment))
        assert told.returncode == 2
        assert "PRIORITY_OF_THIS_HOST" not in told.stderr
        assert "error[range]" in told.stderr


def test_check_config_sums_up_a_good_file(tmp_path: Path) -> None:
    config = tmp_path / "vip.yaml"
    config.write_text(GOOD)
    result = command("check-config", "-c", str(config))
    assert result.returncode == 0
    assert result.stdout == (
        "ok: node a, checks: none\nok: web: VRID 51 on eth0, priority 250, 10.77.0.100/32\n"
        "    a stop of the master costs 23 ms because the priority here is 250: `hosts: 2` makes that 0 ms; "
        "a crash costs up to 3.02 s, nothing if a new process has renewed the lease within 950 ms\n"
    )


def test_a_closed_stdout_is_no_traceback(tmp_path: Path) -> None:
    config = tmp_path / "vip.yaml"
    config.write_text(GOOD.replace("eth0", "vip-none0"))
    verb = f'exec "{sys.executable}" -m sidecar check-config -c "{config}" >&-'
    result = subprocess.run(["sh", "-c", verb], cwd=ROOT, capture_output=True, check=False, timeout=30)
    said = [line for line in result.stderr.splitlines() if not line.startswith(b"warning[")]
    assert (result.returncode, said) == (0, [])


@pytest.mark.parametrize("verb", ["check-config", "run", "cleanup"])
def test_a_bad_file_is_2_with_every_mistake_and_its_place(tmp_path: Path, verb: str) -> None:
    config = tmp_path / "vip.yaml"
    config.write_text(BAD)
    result = command(verb, "-c", str(config))
    assert (result.returncode, result.stdout) == (2, "")
    assert f"{config}:3:32 error[range]" in result.stderr
    assert f"{config}:3:37 error[unknown-key]" in result.stderr
    assert "did you mean `priority`?" in result.stderr


def test_without_c_the_file_is_that_of_the_container() -> None:
    result = command("check-config")
    assert result.returncode == 2
    assert "/etc/vip-sidecar/config.yaml:1:1 error[file]: there is no such file" in result.stderr


def test_a_missing_file_is_2(tmp_path: Path) -> None:
    result = command("check-config", "-c", str(tmp_path / "none.yaml"))
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "none.yaml" in result.stderr
