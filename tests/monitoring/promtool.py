"""promtool, which comes with Debian's package prometheus, on the rules and on series that a test makes."""

import json
import subprocess
from pathlib import Path
from shutil import which
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
RULES: Final = sorted((ROOT / "monitoring" / "rules").glob("*.yml"))
DASHBOARD: Final = ROOT / "monitoring" / "grafana" / "vip-sidecar.json"
TICK: Final = 15
"""Seconds between two scrapes, and between two evaluations of the rules."""


def promtool(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run promtool, or skip the test where there is none."""
    program = which("promtool")
    if program is None:
        pytest.skip("promtool is not installed; apt-get install prometheus enables this test")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False, cwd=cwd)


def evaluate(folder: Path, groups: list[dict[str, Any]], tick: int = TICK) -> str:
    """Have the rules evaluated over series. Return what is not as expected; nothing: all is."""
    document = {
        "rule_files": [str(rules) for rules in RULES],
        "evaluation_interval": f"{tick}s",
        "tests": groups,
    }
    # JSON is YAML, and written ten times as fast.
    (folder / "test.yml").write_text(json.dumps(document), encoding="utf-8")
    done = promtool("test", "rules", "test.yml", cwd=folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr
