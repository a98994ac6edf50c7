"""Two sidecars in one network namespace: the second one is refused where it would fight the first."""

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lateness import Lateness
from tests.netns.lab import wait_until
from tests.netns.lan import VIP, Lan
from tests.netns.service import Service
from tests.netns.vrrp_daemon import ROOT, STATUS_PORT, status

pytestmark = pytest.mark.netns

ROUTER = {"interface": "eth0", "vrid": 51, "priority": 250, "addresses": [VIP], "advert_interval": "100ms"}


class Host:
    """A LAN with one host and any number of sidecars there, each with its own port and control socket."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        self.lan = Lan(stack, "a")
        self.namespace = self.lan.members["a"]

    def sidecar(self, name: str, port: int, **routers: dict[str, Any]) -> Service:
        folder = self._folder / name
        folder.mkdir()
        what = {
            "node": name,
            "virtual_routers": routers,
            "http": {"listen": f"127.0.0.1:{port}"},
            "control": {"socket": str(folder / "control.sock")},
            "log": {"format": "json"},
        }
        (folder / "sidecar.yaml").write_text(yaml.safe_dump(what, sort_keys=False), encoding="utf-8")
        argv = [sys.executable, "-m", "sidecar", "run", "-c", str(folder / "sidecar.yaml")]
        service = Service(self.namespace, argv, folder / "log", PYTHONPATH=str(ROOT))
        self._stack.callback(service.kill)
        return service

    def addresses(self) -> str:
        return self.namespace.ip("addr show")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with ExitStack() as stack:
        yield Host(stack, tmp_path)


def lines(service: Service) -> list[dict[str, Any]]:
    """The lines of the log."""
    return service.said()


def refusal(service: Service) -> str:
    """Why it did not start."""
    assert service.wait(15) == 2
    said = "cannot start: "
    text = service.log.read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in text if line.startswith(said)]
    return line.removeprefix(said)


def serving(host: Host) -> bool:
    try:
        code, body = status(host.namespace)
    except OSError:
        return False
    return code == HTTPStatus.OK and json.loads(body)["virtual_routers"][0]["state"] == "MASTER"


def start_first(host: Host, **changes: Any) -> Service:
    first = host.sidecar("first", STATUS_PORT, web=ROUTER | changes)
    first.start()
    wait_until(lambda: serving(host), 10, "the first one serves")
    return first


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({}, "VRID 51 of IPv4 on eth0"),
        ({"addresses": ["10.77.0.101"]}, "VRID 51 of IPv4 on eth0"),
        ({"interface": "uplink0", "addresses": ["10.77.0.101"]}, "VRID 51 of IPv4 on eth0"),
        ({"vrid": 52}, f"the VIP {VIP}"),
        ({"vrid": 52, "interface": "eth1"}, f"the VIP {VIP}"),
    ],
    ids=["same", "other VIP", "other name of the interface", "other VRID", "other interface"],
)
def test_the_second_sidecar_for_a_router_or_a_vip_is_refused_and_touches_nothing(
    host: Host, change: dict[str, Any], what: str
) -> None:
    host.namespace.ip("link property add dev eth0 altname uplink0", "link add eth1 type veth peer name x1")
    start_first(host)
    second = host.sidecar("second", STATUS_PORT + 1, web=ROUTER | change)
    second.start()
    said = refusal(second)
    assert said.startswith(f"another sidecar in this network namespace has {what} already: process ")
    assert said.endswith("stop one of the two, or give this router another VRID and other addresses")
    assert "-m sidecar run -c /" in said
    assert not (second.log.parent / "control.sock").exists()
    assert serving(host)
    assert VIP in host.addresses()


def test_a_sidecar_of_another_container_in_the_same_network_is_named_as_such(host: Host) -> None:
    """Processes of another PID namespace cannot be seen, the network is one."""
    start_first(host)
    second = host.sidecar("second", STATUS_PORT + 1, web=ROUTER)
    second.argv[:0] = ["unshare", "--pid", "--fork", "--mount-proc"]
    second.start()
    said = refusal(second)
    assert "has VRID 51 of IPv4 on eth0 already: a process of another container; stop one of the two" in said
    assert serving(host)


def test_after_a_kill_the_next_one_starts_at_once_and_after_a_stop_it_waits_for_the_end(
    host: Host, lateness: Lateness
) -> None:
    began = time.monotonic()
    first = start_first(host)
    usual = time.monotonic() - began
    first.kill()
    second = host.sidecar("second", STATUS_PORT, web=ROUTER)
    began = time.monotonic()
    second.start()
    wait_until(lambda: serving(host), 10, "the second one serves")
    assert time.monotonic() - began < 4 + usual + lateness()
    third = host.sidecar("third", STATUS_PORT, web=ROUTER)
    third.start()
    assert second.terminate(5)[0] == 0
    wait_until(lambda: serving(host), 10, "the third one serves")
    assert third.running


def catches(service: Service, number: signal.Signals) -> bool:
    """Whether the kernel has been told that a process handles a signal."""
    lines = Path(f"/proc/{service.pid}/status").read_text(encoding="utf-8").splitlines()
    caught = next(line.split()[1] for line in lines if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_while_it_waits_for_another_one_to_end_is_a_stop_in_good_order(
    host: Host, number: signal.Signals, lateness: Lateness
) -> None:
    start_first(host)
    second = host.sidecar("second", STATUS_PORT + 1, web=ROUTER)
    second.start()
    # Python itself catches SIGINT. That of SIGHUP is the last handler that we install.
    wait_until(lambda: catches(second, signal.SIGHUP), 10, "the second one handles signals")
    began = time.monotonic()
    second.send(number)
    assert second.wait(5) == 0
    assert time.monotonic() - began < 1 + lateness()
    assert f"stopped by {number.name} before it began" in second.log.read_text().splitlines()
    assert serving(host)


def test_other_routers_live_side_by_side(host: Host) -> None:
    first = start_first(host)
    other = {"vrid": 52, "addresses": ["10.77.0.101"]}
    second = host.sidecar("second", STATUS_PORT + 1, web=ROUTER | other)
    second.start()
    wait_until(lambda: "10.77.0.101/" in host.addresses(), 10, "the second one serves")
    assert VIP in host.addresses()
    assert first.terminate(5)[0] == 0
    assert "10.77.0.101/" in host.addresses()
    assert VIP not in host.addresses()
    assert second.running


def test_cleanup_removes_nothing_from_a_sidecar_that_runs(host: Host, tmp_path: Path) -> None:
    first = start_first(host)
    wait_until(lambda: VIP in host.addresses(), 10, "the VIP is held")
    file = str(tmp_path / "first" / "sidecar.yaml")
    command = [sys.executable, "-m", "sidecar", "cleanup", "-o", "json", "-c", file]
    cleanup = Service(host.namespace, command, tmp_path / "cleanup.log", PYTHONPATH=str(ROOT))
    cleanup.start()
    wait_until(lambda: not cleanup.running, 10, "it has ended")
    told = json.loads(cleanup.log.read_text(encoding="utf-8"))
    assert told["removed"] == []
    said = told["why"]
    assert said.startswith("nothing was removed: another sidecar in this network namespace has VRID 51"), said
    assert not [line for line in lines(first) if "removed" in json.dumps(line)]


def test_two_routers_of_one_file_on_two_names_of_one_interface_are_refused(host: Host) -> None:
    host.namespace.ip("link property add dev eth0 altname uplink0")
    routers = {"web": ROUTER, "app": ROUTER | {"interface": "uplink0", "addresses": ["10.77.0.101"]}}
    service = host.sidecar("first", STATUS_PORT, **routers)
    service.start()
    said = refusal(service)
    assert (
        "routers web and app both have VRID 51 of IPv4 on eth0 (eth0 and uplink0 are one interface)" in said
    )


def test_fifty_restarts_of_a_refused_one_leave_its_reason_readable(host: Host) -> None:
    """A refused sidecar waits in the first one's queue, which must not fill up."""
    start_first(host)
    asking = (
        "import socket\n"
        "for _ in range(50):\n"
        "    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)\n"
        "    try: s.connect('\\0vip-sidecar/vrid/eth0/4/51')\n"
        "    except BlockingIOError: print('full')\n"
        "    s.close()\n"
    )
    assert "full" in host.namespace.run(sys.executable, "-c", asking)
    second = host.sidecar("second", STATUS_PORT + 1, web=ROUTER)
    second.start()
    assert "VRID 51 of IPv4 on eth0 already" in refusal(second)
    time.sleep(10.5)
    assert host.namespace.run(sys.executable, "-c", asking).count("full") < 50
    assert serving(host)


def test_a_user_without_rights_cannot_keep_the_sidecar_from_starting(host: Host) -> None:
    squat = (
        "import os, socket, sys\n"
        "os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)\n"
        "s.bind('\\0vip-sidecar/vrid/eth0/4/51')\n"
        "s.listen(16)\n"
        "sys.stdin.read()\n"
        "import time; time.sleep(60)\n"
    )
    squatter = Service(host.namespace, [sys.executable, "-c", squat], host._folder / "squatter.log")
    host._stack.callback(squatter.kill)
    squatter.start()
    wait_until(
        lambda: "vip-sidecar/vrid" in host.namespace.run("cat", "/proc/thread-self/net/unix"), 5, "it squats"
    )
    first = start_first(host)
    first.await_said("of user 65534 pretends to have VRID 51 of")
