"""The output of the command where it cannot go, and words that are no text.

Modules: cli.command_line, cli.explain.command, cli.healthcheck, cli.streams.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.together.cli.test_command import ROOT, Running, running

__all__ = ["running"]

pytestmark = pytest.mark.parts

UNBUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])


def onto_a_full_disk(running: Running, unbuffered: str, *words: str) -> tuple[int, str]:
    """Exit code and stderr of a verb whose output is refused."""
    environ = {"VIP_SIDECAR_SOCKET": str(running.path), "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "sidecar", *words],
            cwd=ROOT,
            env=os.environ | environ,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=30,
        )
    return result.returncode, result.stderr


@UNBUFFERED
@pytest.mark.parametrize("words", [("status",), ("status", "-o", "json"), ("version",)], ids=" ".join)
def test_a_full_disk_is_told_and_is_not_taken_for_a_degraded_host(
    running: Running, words: tuple[str, ...], unbuffered: str
) -> None:
    told = "cannot write the output: No space left on device\n"
    assert onto_a_full_disk(running, unbuffered, *words) == (2, told)


@UNBUFFERED
def test_the_answer_of_the_health_check_is_its_exit_code(running: Running, unbuffered: str) -> None:
    assert onto_a_full_disk(running, unbuffered, "healthcheck") == (0, "")


def test_bytes_that_are_no_text_are_no_traceback(running: Running) -> None:
    words = [b"explain", b"--socket", os.fsencode(running.path), b"--if", b"\xff=down"]
    result = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"sidecar", *words],
        cwd=ROOT,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (result.returncode, b"Traceback" in result.stderr) == (2, False)
