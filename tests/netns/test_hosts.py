"""docs/hosts.md, typed command by command into two hosts without Docker, with nginx and a closed firewall."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.netns.lab import wait_until
from tests.walk.machine import Machine
from tests.walk.network import Network
from tests.walk.page import steps
from tests.walk.two_hosts import BOTH, HOSTS, two_hosts
from tests.walk.walker import Walker

pytestmark = [pytest.mark.netns, pytest.mark.timeout(240)]

PAGE = "docs/hosts.md"
NEXT = "mkdir -p /opt/vip-sidecar-0.2.0 && cp -r /opt/vip-sidecar-0.1.0/bin /opt/vip-sidecar-0.2.0"


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with two_hosts(tmp_path) as made:
        yield made


def processes(machine: Machine) -> dict[str, Any]:
    said = json.loads(machine.type("vip-sidecar status -o json"))["processes"]
    assert isinstance(said, dict)
    return said


def test_two_hosts_are_set_up_changed_and_cleared_as_the_page_says(network: Network) -> None:
    walker = Walker(network.machines, BOTH)
    for heading in ("First", "Start"):
        walker.walk(steps(PAGE, heading))
    wait_until(lambda: network.holders() == ["lb1"], 10, "lb1 alone has the VIP")

    for name, serves in (("lb1", True), ("lb2", False)):
        told = network.machines[name].type("vip-sidecar status -o json")
        assert ('"state": "MASTER"' in told) is serves, "examples/ansible looks for it"
    said = processes(network.machines["lb1"])
    uid = int(network.machines["lb1"].run("id", "-u", "vip-sidecar"))
    router, observer = said["router"], said["observer"]
    assert (router["uid"], router["capabilities_permitted"]) == (uid, "0x3000")
    assert router["capabilities_bounding"] == "0x3000"
    assert (observer["uid"], observer["apart"], observer["capabilities_bounding"]) == (65532, True, "0x0")

    for heading in ("A change", "A stop"):
        walker.walk(steps(PAGE, heading))
    wait_until(lambda: network.holders() == ["lb1"], 10, "lb1 alone has the VIP again")

    network.machines["lb2"].type(NEXT)
    walker.walk(steps(PAGE, "An upgrade, and the way back"))
    assert network.holders() == ["lb1"]

    walker.walk(steps(PAGE, "Remove"))
    wait_until(lambda: network.holders() == [], 5, "nobody has the VIP")
    for name in HOSTS:
        assert not network.machines[name].type("ls -d /run/vip-sidecar /opt/vip-sidecar* 2>/dev/null || true")


def test_without_the_line_for_the_firewall_both_serve(network: Network) -> None:
    """The page says so; and the test above proves nothing if they do not."""
    walker = Walker(network.machines, BOTH, exact=False)
    for step in steps(PAGE, "Start"):
        if "status" not in step.line:
            walker.type(step)
    wait_until(lambda: sorted(network.holders()) == ["lb1", "lb2"], 15, "both have the VIP")
