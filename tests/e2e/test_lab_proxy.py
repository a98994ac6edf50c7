"""The lab as lab/proxy.env brings it up: no sidecar has the Docker socket, and nothing is lost by that."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.compose_lab import PORT, ROOT, VIP, ComposeLab, inspect, run
from tests.e2e.faults import nginx_killed
from tests.netns.lab import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def lab() -> Iterator[ComposeLab]:
    lines = (ROOT / "lab" / "proxy.env").read_text().splitlines()
    settings: dict[str, Any] = dict(
        line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")
    )
    with ComposeLab(**settings) as made:
        yield made


def status(lab: ComposeLab, host: str) -> dict[str, Any]:
    """What the verb says; nothing while nobody answers."""
    words = ["exec", "-T", f"sidecar-{host}", "vip-sidecar", "status", "-o", "json"]
    said = lab.compose(*words, ok=False).stdout
    document = json.loads(said) if said.startswith("{") else {}
    assert isinstance(document, dict)
    return document


def sees_docker(lab: ComposeLab) -> list[bool | None]:
    return [status(lab, host).get("docker_connected") for host in "ab"]


def test_container_events_arrive_and_the_socket_is_not_there(lab: ComposeLab) -> None:
    lab.settle()
    wait_until(lambda: sees_docker(lab) == [True, True], 15, "both sidecars see the engine")
    assert lab.compose(
        "exec", "-T", "sidecar-a", "test", "-e", "/run/engine/docker.sock", ok=False
    ).returncode
    mark = lab.client.mark
    with nginx_killed(lab):
        lab.await_server("b", 5, mark)
    lab.settle()


def test_the_pool_is_served_from_the_first_start_on(lab: ComposeLab) -> None:
    """nginx's image ships no server of the application; the sidecar must be able to tell nginx."""
    url = f"http://{VIP}:{PORT}/app/"
    ask = [*lab.inside(lab.client_container), "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url]
    wait_until(lambda: run(*ask).stdout == "200", 20, "the application answers")


def test_the_filter_has_no_network_and_next_to_no_rights(lab: ComposeLab) -> None:
    own = lab.compose("exec", "-T", "docker-proxy", "cat", "/proc/1/status").stdout
    fields = dict(line.split(":\t", 1) for line in own.splitlines() if ":\t" in line)
    assert int(fields["CapEff"], 16) == 1 << 6  # SETGID
    assert fields["NoNewPrivs"].strip() == "1"
    assert inspect("docker-proxy", "{{.HostConfig.NetworkMode}}") == "none"


def test_a_filter_that_is_killed_moves_nothing_and_comes_back(lab: ComposeLab) -> None:
    lab.settle()
    mark = lab.witness.mark
    run("docker", "kill", "docker-proxy")
    wait_until(lambda: sees_docker(lab) == [False, False], 20, "both sidecars have noticed")
    time.sleep(2)
    run("docker", "start", "docker-proxy")
    wait_until(lambda: sees_docker(lab) == [True, True], 20, "both sidecars see the engine")
    assert not [event for event in lab.witness.since(mark) if event.kind == "removed"]
    assert lab.holders() == ["a"]
