"""The two processes in the image as it is deployed: read-only, two capabilities, bounded."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.compose_lab import run
from tests.e2e.sidecar_alone import container, status

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

CONFIG = """
virtual_routers:
  web: {interface: lo, vrid: 51, priority: 100, addresses: [10.77.0.100/32], advert_interval: 100ms}
checks:
  uplink: {link: lo}
  gateway: {icmp: 127.0.0.1}
"""
OPTIONS = (
    *("--pids-limit", "128", "--memory", "256m"),
    *("--sysctl", "net.ipv4.ping_group_range=1 0"),
)
"""Without ping sockets an echo request needs the socket that the router hands over."""
_STATUS = "import sys; print(open(f'/proc/{sys.argv[1]}/status').read())"
_KILL = "import os, sys; os.kill(int(sys.argv[1]), 9)"


@pytest.fixture
def name(image: str, tmp_path: Path) -> Iterator[str]:
    with container(image, tmp_path, CONFIG, *OPTIONS) as name:
        yield name


def serves(said: dict[str, Any]) -> bool:
    """Whether the router has told of itself, and is MASTER."""
    states = [each["state"] for each in said["virtual_routers"]]
    return bool(said["processes"]["router"]) and states == ["MASTER"]


def python(name: str, code: str, *arguments: object) -> str:
    return run("docker", "exec", name, "python3", "-c", code, *map(str, arguments)).stdout


def sets(name: str, pid: int) -> dict[str, int]:
    lines = python(name, _STATUS, pid).splitlines()
    return {line[:6]: int(line.split()[1], 16) for line in lines if line.startswith("Cap")}


def test_in_the_image_the_router_has_two_capabilities_and_the_observer_none(name: str) -> None:
    said = status(name, serves)
    router, observer = said["processes"]["router"], said["processes"]["observer"]
    assert router["pid"] == 1
    two = {"CapInh": 0, "CapPrm": 0x3000, "CapEff": 0x3000, "CapBnd": 0x3000, "CapAmb": 0}
    assert sets(name, 1) == two
    assert sets(name, observer["pid"]) == two | {"CapPrm": 0, "CapEff": 0}
    assert observer["no_new_privileges"] is True
    assert {check["name"]: check["up"] for check in said["checks"]} == {"uplink": True, "gateway": True}


def test_in_the_image_an_observer_that_is_killed_is_replaced_and_the_container_lives(name: str) -> None:
    before = status(name, serves)
    python(name, _KILL, before["processes"]["observer"]["pid"])
    after = status(name, serves)
    while after["processes"]["observer"]["restarts"] == 0:
        after = status(name, serves)
    assert after["virtual_routers"][0]["since"] == pytest.approx(
        before["virtual_routers"][0]["since"], abs=0.1
    )
    assert run("docker", "inspect", "--format", "{{.RestartCount}}", name).stdout.strip() == "0"
    began = time.monotonic()
    run("docker", "stop", "--time", "10", name)
    assert time.monotonic() - began < 5
    assert run("docker", "inspect", "--format", "{{.State.ExitCode}}", name).stdout.strip() == "0"
