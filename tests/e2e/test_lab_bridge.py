"""The lab on a bridge, for kernels without dummy interfaces: one command brings it up, and it fails over."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.e2e.compose_lab import ADDRESSES, ROOT, ComposeLab, inspect, run
from tests.e2e.faults import nginx_killed
from tests.netns.bounds import BUSY, LAN, LATE, master_down
from tests.netns.lab import wait_until
from tests.netns.vrrp_daemon import SHOWN

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

CRASH = master_down(240, 1.0) + LATE + LAN + BUSY
"""A host without any interface cannot resign, so the other one takes over as after a crash."""
AGAIN = 10.0
"""Seconds for a container to start and its sidecar to serve again."""
ONLY_LO = "only lo is left: was the container whose network this is restarted? restart this one and nginx"
RELOADS = re.compile(r"^vipsidecar_(?:pool|nginx)_reloads_total{.*$", re.MULTILINE)


@pytest.fixture(scope="module")
def lab() -> Iterator[ComposeLab]:
    with ComposeLab(network="bridge") as made:
        yield made


def asked(**environment: str) -> subprocess.CompletedProcess[str]:
    """The decision of `lab/compose config`."""
    return run("lab/compose", "config", env=environment, ok=False)


def test_the_network_is_the_one_that_the_machine_can_make() -> None:
    probe = ["docker", "network", "create", "--driver", "macvlan", f"vip-can-{os.getpid()}"]
    can = run(*probe, ok=False).returncode == 0
    if can:
        run("docker", "network", "rm", probe[-1])
    decided = asked(LAB_NETWORK="", LAB_PARENT="")
    assert decided.returncode == 0, decided.stderr
    assert ("driver: macvlan" in decided.stdout) is can
    assert ("lab: on a macvlan" if can else "lab: on a bridge: this kernel makes no dummy") in decided.stderr


@pytest.mark.parametrize("network", ["macvlan", "bridge"])
def test_a_person_may_decide(network: str) -> None:
    assert f"driver: {network}" in asked(LAB_NETWORK=network, LAB_PARENT="lo").stdout


def test_a_network_that_is_not_known_is_told() -> None:
    refused = asked(LAB_NETWORK="ipvlan")
    assert (refused.returncode, "macvlan or bridge, not ipvlan" in refused.stderr) == (2, True)


@pytest.mark.timing
def test_it_fails_over_and_back(lab: ComposeLab) -> None:
    lab.settle()
    mark, since = lab.client.mark, time.monotonic()
    with nginx_killed(lab):
        assert lab.gap_until("b", 5, mark, since) < 1 + lab.late(since)
    lab.settle()


def test_sidecars_and_client_are_seen_in_the_foreground_and_nothing_else(lab: ComposeLab) -> None:
    shown = lab.compose("config", "--format", "json").stdout
    assert inspect("sidecar-a", "{{.State.Running}}") == "true"
    services = json.loads(shown)["services"]
    silent = {name for name, service in services.items() if service.get("attach") is False}
    assert set(services) - silent == {"sidecar-a", "sidecar-b", "client"}


def test_a_configuration_that_an_editor_replaced_is_seen_in_the_container(lab: ComposeLab) -> None:
    file = ROOT / "lab" / "config" / "config.yaml"
    before = file.read_text()
    try:
        run("sed", "-i", "1s/$/ (changed)/", str(file))
        shown = lab.compose("exec", "-T", "sidecar-a", "cat", "/etc/vip-sidecar/config.yaml").stdout
        assert "(changed)" in shown
    finally:
        # Other tests read it meanwhile: it is replaced, and never empty.
        again = file.with_name(".config.yaml.before")
        again.write_text(before)
        again.rename(file)


def router(lab: ComposeLab) -> dict[str, Any]:
    """The status of host a's router, as it is now. A sidecar that begins is waited for."""
    time.sleep(SHOWN)
    found: list[dict[str, Any]] = []

    def told() -> bool:
        with suppress(RuntimeError, ValueError):
            found[:] = json.loads(lab.get("a", "/status.json"))["virtual_routers"]
        return bool(found)

    wait_until(told, 10, "the status of host a")
    return found[0]


def test_a_host_whose_network_is_disconnected_serves_again_by_whatever_name_it_comes_back(
    lab: ComposeLab,
) -> None:
    lab.settle()
    network = inspect("host-a", "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}")
    reloads = RELOADS.findall(lab.get("a", "/metrics"))
    mark, since = lab.client.mark, time.monotonic()
    run("docker", "network", "disconnect", network, "host-a")
    try:
        assert lab.gap_until("b", 5, mark, since) <= CRASH + lab.late(since)
        alone = router(lab)
        assert alone["state"] == "FAULT"
        assert ONLY_LO in alone["reason"]
    finally:
        mark = lab.client.mark
        run("docker", "network", "connect", "--ip", ADDRESSES["a"], network, "host-a")
    lab.await_server("a", AGAIN, mark)
    lab.settle()
    assert reloads
    assert RELOADS.findall(lab.get("a", "/metrics")) == reloads, "its own loss is not that of its servers"


def test_a_restarted_holder_of_the_network_is_named_and_what_is_named_mends_it(lab: ComposeLab) -> None:
    """The last one: host a has another network afterwards, and the witness sees the old one."""
    lab.settle()
    mark, since = lab.client.mark, time.monotonic()
    run("docker", "restart", "--time", "0", "host-a")
    assert lab.gap_until("b", 5, mark, since) <= CRASH + lab.late(since)
    left = router(lab)
    assert left["state"] == "FAULT"
    assert ONLY_LO in left["reason"]
    mark = lab.client.mark
    run("docker", "restart", "--time", "1", "nginx-a", "sidecar-a")
    lab.await_server("a", AGAIN, mark)
    assert router(lab)["state"] == "MASTER"
