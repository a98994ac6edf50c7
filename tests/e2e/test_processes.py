"""The two processes in the image as it is deployed: read-only, few capabilities, bounded, with and without a
user of its own for the observer."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.compose_lab import inspect, run
from tests.e2e.sidecar_alone import OF_THE_OBSERVER, OTHER_USER, TO_BE_APART, container, status
from tests.lateness import Lateness
from tests.netns.lab import wait_until
from tests.netns.processes import below, observer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

CONFIG = """
virtual_routers:
  web:
    interface: lo
    vrid: 51
    priority: 100
    addresses: [10.77.0.100/32]
    advert_interval: 300ms
    auth: {hmac: [{id: 1, key_file: /run/secrets/vrrp}]}
checks:
  uplink: {link: lo}
  gateway: {icmp: 127.0.0.1, max_age: 10s}
  status: {http: "http://127.0.0.1:9650/healthz", max_age: 10s}
  program: {exec: [/usr/bin/id, -u], every: 500ms, max_age: 10s}
"""
OPTIONS = (
    *("--pids-limit", "128", "--memory", "256m"),
    *("--sysctl", "net.ipv4.ping_group_range=1 0"),
)
"""Without ping sockets an echo request needs the socket that the router hands over."""
CHECKS = {"uplink": True, "gateway": True, "status": True, "program": True}


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A container, and the user of its observer."""

    name: str
    user: int

    @property
    def router(self) -> int:
        """The router's process id on the host."""
        return int(inspect(self.name, "{{.State.Pid}}"))

    @property
    def observer(self) -> int:
        found = observer(self.router)
        assert found is not None
        return found

    def as_observer(self, *words: str, ok: bool = True) -> str:
        done = run("docker", "exec", "--user", f"{self.user}:{self.user}", self.name, *words, ok=ok)
        return done.stdout + done.stderr


@pytest.fixture(params=[0, OTHER_USER], ids=["one user", "two users"])
def sidecar(image: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Sidecar]:
    user = int(request.param)
    key = tmp_path / "key"
    key.write_text("5e" * 32)
    key.chmod(0o600)
    options: tuple[str, ...] = (*OPTIONS, "--volume", f"{key}:/run/secrets/vrrp:ro")
    if user:
        options += OF_THE_OBSERVER
        arguments = ("--observer-user", f"{user}:{user}")
        with container(
            image, tmp_path, CONFIG, *options, capabilities=TO_BE_APART, arguments=arguments
        ) as name:
            yield Sidecar(name, user)
    else:
        with container(image, tmp_path, CONFIG, *options) as name:
            yield Sidecar(name, user)


def serves(said: dict[str, Any]) -> bool:
    """Whether the router has told of itself, is MASTER, and every check passes."""
    states = [each["state"] for each in said["virtual_routers"]]
    checks = {check["name"]: check["up"] for check in said["checks"]}
    return bool(said["processes"]["router"]) and states == ["MASTER"] and checks == CHECKS


def sets(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line[:6]: int(line.split()[1], 16) for line in lines if line.startswith("Cap")}


def users(pid: int) -> set[int]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {int(each) for line in lines if line.startswith(("Uid", "Gid")) for each in line.split()[1:]}


def replaced(sidecar: Sidecar, number: int) -> dict[str, Any]:
    """The status once there were so many observers before the present one."""
    return status(
        sidecar.name, lambda said: serves(said) and said["processes"]["observer"]["restarts"] >= number
    )


def since(said: dict[str, Any]) -> float:
    return float(said["virtual_routers"][0]["since"])


def test_the_kernel_and_the_status_say_what_each_process_may_do(sidecar: Sidecar) -> None:
    said = status(sidecar.name, serves)
    router, watcher = said["processes"]["router"], said["processes"]["observer"]
    assert router["pid"] == 1
    two = {"CapInh": 0, "CapPrm": 0x3000, "CapEff": 0x3000, "CapBnd": 0x3000, "CapAmb": 0}
    none = dict.fromkeys(two, 0)
    assert sets(sidecar.router) == two
    assert sets(sidecar.observer) == (none if sidecar.user else none | {"CapBnd": 0x3000})
    assert (users(sidecar.router), users(sidecar.observer)) == ({0}, {sidecar.user})
    assert (router["uid"], watcher["uid"], watcher["apart"]) == (0, sidecar.user, bool(sidecar.user))
    assert watcher["no_new_privileges"] is True
    bounds, seen = sets(sidecar.observer)["CapBnd"], 0
    for pid in below(sidecar.observer):
        # The program of a check ends when it wants to; the fork server stays.
        with suppress(FileNotFoundError, ProcessLookupError):
            assert (sets(pid)["CapPrm"], sets(pid)["CapBnd"], users(pid)) == (0, bounds, {sidecar.user})
            assert Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "1000"
            seen += 1
    assert seen
    table = run("docker", "exec", sidecar.name, "vip-sidecar", "status", ok=False).stdout
    assert ("the observer has the router's user" in table) is not bool(sidecar.user)


def test_the_observer_reads_the_keys_where_it_has_the_routers_user_and_nowhere_else(sidecar: Sidecar) -> None:
    status(sidecar.name, serves)
    assert ("5e5e" in sidecar.as_observer("cat", "/run/secrets/vrrp", ok=False)) is not bool(sidecar.user)
    if sidecar.user:
        for path in ("/proc/1/environ", "/proc/1/mem"):
            assert "ermission denied" in sidecar.as_observer("cat", path, ok=False)
        kill = "import os; os.kill(1, 15)"
        assert "PermissionError" in sidecar.as_observer("python3", "-c", kill, ok=False)
        assert since(status(sidecar.name, serves)) > 0


def test_the_control_socket_is_private_and_every_verb_of_root_reaches_it(sidecar: Sidecar) -> None:
    status(sidecar.name, serves)
    look = ("stat", "-c", "%a %u", "/run/vip-sidecar/control.sock")
    assert run("docker", "exec", sidecar.name, *look).stdout.strip() == f"600 {sidecar.user}"
    run("docker", "exec", sidecar.name, "vip-sidecar", "healthcheck")
    wait_until(lambda: inspect(sidecar.name, "{{.State.Health.Status}}") == "healthy", 40, "Docker's check")
    wait_until(lambda: '"transition"' in run("docker", "logs", sidecar.name).stdout, 5, "a move in the log")


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


@pytest.mark.parametrize("fault", [kill, stop], ids=["killed", "stopped"])
def test_an_observer_that_fails_is_replaced_and_the_container_lives(
    sidecar: Sidecar, fault: Callable[[int], None], lateness: Lateness
) -> None:
    before = status(sidecar.name, serves)
    for number in (1, 2):
        fault(sidecar.observer)
        after = replaced(sidecar, number)
        assert users(sidecar.observer) == {sidecar.user}
        log = run("docker", "logs", sidecar.name).stdout
        assert since(after) == pytest.approx(since(before), abs=0.1), log
    assert inspect(sidecar.name, "{{.RestartCount}}") == "0"
    lateness()
    began = time.monotonic()
    run("docker", "stop", "--time", "10", sidecar.name)
    assert time.monotonic() - began < 5 + lateness()
    assert inspect(sidecar.name, "{{.State.ExitCode}}") == "0"


@pytest.mark.timing
def test_when_the_container_runs_out_of_memory_the_observer_goes_and_the_router_stays(
    sidecar: Sidecar,
) -> None:
    """Something in the container takes everything: the kernel kills the observer first, then the eater.

    Until it has, who asks for a page waits: that this is shorter than a lease is a bound on time.
    """
    before = status(sidecar.name, serves)
    first = sidecar.observer
    eat = "a = []\nwhile True: a.append(bytearray(b'x') * (4 << 20))"
    done = run("docker", "exec", sidecar.name, "python3", "-c", eat, ok=False)
    assert done.returncode == 128 + signal.SIGKILL
    after = replaced(sidecar, 1)
    assert sidecar.observer != first
    assert since(after) == pytest.approx(since(before), abs=0.1), run("docker", "logs", sidecar.name).stdout
    assert inspect(sidecar.name, "{{.RestartCount}} {{.State.Running}}") == "0 true"
    why = "killed by signal 9; if memory ran out, raise `mem_limit`"
    wait_until(lambda: why in run("docker", "logs", sidecar.name).stdout, 5, "the log says why")


def test_where_the_observer_cannot_be_another_user_the_start_is_refused_with_the_line_that_mends_it(
    image: str, tmp_path: Path
) -> None:
    text = CONFIG.replace("    auth: {hmac: [{id: 1, key_file: /run/secrets/vrrp}]}\n", "")
    with container(image, tmp_path, text, *OPTIONS, arguments=("--observer-user", "65532:65532")) as name:
        with suppress(RuntimeError):
            run("docker", "wait", name)
        assert inspect(name, "{{.State.ExitCode}}") == "2"
        said = run("docker", "logs", name).stderr
    assert "--observer-user 65532:65532 needs the capabilities SETUID and SETGID" in said
    assert "cap_add: [NET_ADMIN, NET_RAW, SETUID, SETGID, SETPCAP]" in said
