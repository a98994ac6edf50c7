"""Programs of exec checks and hooks in the image as it is deployed: read-only, few rights, under seccomp."""

import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.compose_lab import run
from tests.e2e.sidecar_alone import container, status
from tests.netns.lab import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

CONFIG = """
virtual_routers:
  web:
    interface: lo
    vrid: 51
    priority: 100
    addresses: [10.77.0.100/32]
    hooks:
      on_check:
        [/bin/sh, -c, "echo $1 $(grep CapEff /proc/self/status | cut -f2) $(touch /x 2>&1); exit 3", sh]
checks:
  nobody: {exec: [/bin/true], every: 1s, timeout: 1s, user: "65534:65534"}
  root: {exec: [/bin/sh, -c, "grep CapEff /proc/self/status | cut -f2; exit 4"], every: 1s, timeout: 1s}
  passes: {exec: [/bin/true], every: 1s, timeout: 1s, user: "0:0"}
  hangs: {exec: [/bin/sh, -c, "setsid sleep 77 & sleep 77"], every: 500ms, timeout: 200ms, user: "0:0"}
"""
BECOME_ANOTHER = ("SETUID", "SETGID", "KILL", "SETPCAP")
"""Capabilities to become another process. The observer has none of it, whatever the container has."""


def verdicts(name: str) -> dict[str, Any]:
    """The checks of the status, by name."""
    return {check["name"]: check for check in status(name)["checks"]}


def await_detail(name: str, check: str, *words: str) -> None:
    wait_until(
        lambda: all(each in verdicts(name)[check]["detail"] for each in words), 5, f"{check} says {words}"
    )


def hook_says(name: str, words: str) -> bool:
    (router,) = status(name)["virtual_routers"]
    return any(hook["failing"] and words in hook["detail"] for hook in router["hooks"])


@pytest.mark.parametrize("more", [(), BECOME_ANOTHER], ids=["two capabilities", "six"])
def test_a_program_runs_as_the_observer_without_capabilities_and_as_nobody_else(
    image: str, tmp_path: Path, more: tuple[str, ...]
) -> None:
    with container(image, tmp_path, CONFIG, capabilities=("NET_ADMIN", "NET_RAW", *more)) as name:
        # On a busy machine a program has not ended in time at first.
        await_detail(name, "nobody", "may not become uid 65534", "remove `user`, or write `user: 0:0`")
        await_detail(name, "root", "exit status 4: 0000000000000000")
        wait_until(lambda: verdicts(name)["passes"]["up"] is True, 5, "/bin/true passes")
        # A hook likewise: with the arguments of keepalived, without capabilities, and nothing can be written.
        for words in ("exit status 3: INSTANCE 0000000000000000 ", "Read-only file system"):
            wait_until(partial(hook_says, name, words), 5, f"the hook says {words}")


def processes(name: str) -> list[str]:
    return run("docker", "top", name, "-eo", "pid,stat,args").stdout.splitlines()[1:]


def test_nothing_of_a_program_that_hangs_piles_up(image: str, tmp_path: Path) -> None:
    with container(image, tmp_path, CONFIG) as name:
        await_detail(name, "hangs", "has not ended")
        time.sleep(3)
        assert len([line for line in processes(name) if "sleep 77" in line]) <= 4
        # One that has just ended is there for a moment.
        wait_until(lambda: not [line for line in processes(name) if " Z" in line], 5, "all dead are reaped")
