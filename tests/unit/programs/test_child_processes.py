"""Parents and children of processes, on kernels that list them and on those that do not.

Modules: programs.process.
"""

import subprocess
from collections.abc import Callable

import pytest

from sidecar.programs import child_processes
from tests.unit.checks.stage import state_of, wait_until


@pytest.mark.parametrize(
    "children", [child_processes.children, child_processes.listed_children, child_processes.found_children]
)
def test_children_are_found_dead_or_alive(children: Callable[[], set[int]]) -> None:
    before = children()
    with subprocess.Popen(["/bin/sleep", "60"]) as alive, subprocess.Popen(["/bin/true"]) as dead:
        wait_until(lambda: state_of(dead.pid) == "Z")
        assert children() - before == {alive.pid, dead.pid}
        alive.kill()
