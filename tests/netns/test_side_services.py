"""A status port that is taken, or an address that comes later: neither stops the VIP."""

import json
import subprocess
import sys

import pytest

from tests.netns.lab import Lab, wait_until
from tests.netns.lan import VIP, address
from tests.netns.service import Service
from tests.netns.vrrp_daemon import STATUS_PORT, Setup, status

pytestmark = pytest.mark.netns


def asked_by_socket(lab: Lab, host: str) -> subprocess.CompletedProcess[str]:
    """`vip-sidecar status` over the control socket."""
    socket = lab.hosts[host].daemon.log.with_name("control.sock")
    return subprocess.run(
        [sys.executable, "-m", "sidecar", "status", "-o", "json", "--socket", str(socket)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_vip_is_served_while_somebody_else_has_the_status_port() -> None:
    with Lab(Setup(interval=0.3)) as lab:
        words = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(STATUS_PORT)]
        other = Service(lab.hosts["a"].namespace, words, lab.hosts["a"].daemon.log.with_name("other.log"))
        other.log.parent.mkdir(parents=True, exist_ok=True)
        other.start()
        try:
            wait_until(lambda: _answers(lab), 10, "somebody else has the port")
            lab.start()
            shown = asked_by_socket(lab, "a")
            assert shown.returncode == 1, shown.stdout + shown.stderr
            assert json.loads(shown.stdout)["troubles"] == [
                f"cannot listen on 127.0.0.1:{STATUS_PORT}: Address already in use"
            ]
        finally:
            other.kill()
        wait_until(lambda: asked_by_socket(lab, "a").returncode == 0, 10, "the port is listened on")
        code, _ = status(lab.hosts["a"].namespace)
        assert code == 200
        assert lab.holders() == ["a"]


def test_an_address_that_comes_later_is_listened_on_when_it_is_there() -> None:
    with Lab(Setup(interval=0.3)) as lab:
        namespace, later = lab.hosts["a"].namespace, "10.99.0.1"
        config = lab.hosts["a"].daemon.log.with_name("sidecar.yaml")
        config.write_text(config.read_text().replace(f"127.0.0.1:{STATUS_PORT}", f"{later}:{STATUS_PORT}"))
        lab.start()
        assert VIP in namespace.ip("addr show dev eth0")
        assert f"cannot listen on {later}:{STATUS_PORT}" in asked_by_socket(lab, "a").stdout
        namespace.ip(f"addr add {later}/32 dev lo")
        wait_until(lambda: asked_by_socket(lab, "a").returncode == 0, 10, "the address is listened on")
        assert address("a") in namespace.ip("addr show dev eth0")


def _answers(lab: Lab) -> bool:
    try:
        return bool(status(lab.hosts["a"].namespace)[0])
    except OSError:
        return False
