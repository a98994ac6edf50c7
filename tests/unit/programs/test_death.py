"""Whose children are whose, on kernels that list them and on those that do not."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.programs import death
from tests.unit.checks.stage import wait_until


@pytest.mark.parametrize("children", [death.children, death.listed_children, death.found_children])
def test_children_are_found_dead_or_alive(children: Callable[[], set[int]]) -> None:
    before = children()
    with subprocess.Popen(["/bin/sleep", "60"]) as alive, subprocess.Popen(["/bin/true"]) as dead:
        stat = Path(f"/proc/{dead.pid}/stat")
        wait_until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "Z")
        assert children() - before == {alive.pid, dead.pid}
        alive.kill()
