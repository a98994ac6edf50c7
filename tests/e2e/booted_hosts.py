"""Two hosts as docs/hosts.md means them: systemd as their first process, nginx, a closed firewall, a network.

They are containers on a bridge of their own, beside a third one: their gateway, and where an admin sits. A
clone of the repository, with the wheel, lies in each, and the commands of pages are typed there.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.e2e.compose_lab import ROOT, inspect, run
from tests.netns.lab import wait_until
from tests.walk.machine import CommandFailedError

IMAGE: Final = "vip-sidecar-booted"
HOSTS: Final = {"lb1": "192.0.2.11", "lb2": "192.0.2.12"}
VIP: Final = "192.0.2.100"
UNIT: Final = "vip-sidecar"
CLONE: Final = "/srv/clone"
PROGRAM: Final = "/opt/vip-sidecar/bin/vip-sidecar"
_GATEWAY: Final = "192.0.2.1"
_NETWORK: Final = ("--internal", "--subnet", "192.0.2.0/24", "--gateway", "192.0.2.254")
_BOOTED: Final = ("running", "degraded")
"""`degraded`: a unit of Debian's that wants hardware has failed."""
_UNCONFINED: Final = ("seccomp=unconfined", "apparmor=unconfined")
_RIGHTS: Final = (
    # The manager makes filters and mounts of its own. It is not --privileged: devices and sysctls are not
    # the machine's.
    *(word for right in ("SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN") for word in ("--cap-add", right)),
    *(word for option in _UNCONFINED for word in ("--security-opt", option)),
    *("--cgroupns", "private", "--env", "container=docker"),
    *("--tmpfs", "/run:exec,mode=755", "--tmpfs", "/run/lock", "--tmpfs", "/tmp:mode=1777"),  # noqa: S108
)


class BootedHost:
    """One of them. Commands are typed by root, in the clone."""

    def __init__(self, name: str, container: str) -> None:
        self.name = name
        self.container = container

    def run(self, *argv: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program. RuntimeError with its output if it fails, unless not `ok`."""
        return run("docker", "exec", "--workdir", CLONE, self.container, *argv, ok=ok)

    def type(self, line: str) -> str:
        """Type a line of a page. Return what it printed, errors included; so has CommandFailedError."""
        done = self.run("sh", "-c", f"exec 2>&1; {line}", ok=False)
        if done.returncode:
            raise CommandFailedError(
                f"{self.name}# {line}: exit {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def write(self, file: str, text: str) -> None:
        """Write a file, whose folder is there."""
        argv = ["docker", "exec", "--interactive", self.container, "sh", "-c", 'cat >"$0"', file]
        subprocess.run(argv, input=text.encode(), check=True, capture_output=True)

    def read(self, file: str) -> str:
        """Return the text of a file."""
        return self.run("cat", file).stdout

    def shown(self, name: str) -> str:
        """Return a property of the unit, as the manager shows it."""
        return self.run("systemctl", "show", "--value", "--property", name, UNIT).stdout.strip()

    @property
    def pid(self) -> int:
        """The process id of the router in the host; 0 while there is none."""
        return int(self.shown("MainPID"))

    def process(self, pid: int) -> dict[str, str]:
        """What the kernel says of a process: the fields of /proc/PID/status."""
        lines = self.read(f"/proc/{pid}/status").splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def status(self) -> dict[str, Any]:
        """What the verb says; nothing while nobody answers."""
        said = self.run(PROGRAM, "status", "-o", "json", ok=False).stdout
        found = json.loads(said) if said.startswith("{") else {}
        assert isinstance(found, dict)
        return found

    @property
    def router(self) -> dict[str, Any]:
        """The one virtual router in it; nothing while nobody answers."""
        routers = self.status().get("virtual_routers") or [{}]
        found = routers[0]
        assert isinstance(found, dict)
        return found

    @property
    def has_the_vip(self) -> bool:
        return f" {VIP}/" in self.run("ip", "-4", "addr", "show", "dev", "eth0").stdout

    def journal(self, *options: str) -> str:
        """What the unit has said, the manager's own lines included."""
        return self.run("journalctl", "--no-pager", "--output", "cat", "--unit", UNIT, *options).stdout


Hosts = Mapping[str, BootedHost]


@dataclass(frozen=True, slots=True)
class Site:
    """Both hosts by name, and words before a program of this machine that has their network."""

    hosts: Hosts
    beside: tuple[str, ...]


def holders(hosts: Hosts) -> list[str]:
    """Names of the hosts that have the VIP."""
    return [name for name, host in hosts.items() if host.has_the_vip]


def at_rest(hosts: Hosts) -> bool:
    """Whether lb1 alone has the VIP, and both know their place."""
    states = [host.router.get("state") for host in hosts.values()]
    return states == ["MASTER", "BACKUP"] and holders(hosts) == ["lb1"]


def settle(hosts: Hosts) -> None:
    """Wait for that."""
    wait_until(lambda: at_rest(hosts), 10, "lb1 serves alone, and lb2 stands by")


def clone(folder: Path) -> Path:
    """Make a clone with what a host is installed from: wheel of this source tree, hashes, unit, examples."""
    made = folder / "clone"
    for part in ("examples", "packaging"):
        shutil.copytree(ROOT / part, made / part)
    shutil.copy(ROOT / "requirements.lock", made)
    words = ("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(made / "dist"))
    run(sys.executable, "-m", "pip", "--disable-pip-version-check", *words, str(ROOT))
    folder.chmod(0o755)
    return made


def build(folder: Path) -> None:
    """Build the image of a host. Engine and registries are asked only for what has changed."""
    context = folder / "context"
    shutil.copytree(ROOT / "tests" / "e2e" / "booted", context)
    shutil.copy(ROOT / "requirements.lock", context)
    run("docker", "build", "--quiet", "--network", "host", "--tag", IMAGE, str(context))


@contextmanager
def booted_hosts(folder: Path) -> Iterator[Site]:
    """Boot both, without a sidecar. The journals are a note to a failure."""
    build(folder)
    mark = f"vip-booted-{os.getpid()}"
    volume = ("--volume", f"{clone(folder)}:{CLONE}:ro")
    gateway = f"{mark}-gateway"
    hosts = {name: BootedHost(name, f"{mark}-{name}") for name in HOSTS}
    run("docker", "network", "create", *_NETWORK, mark)
    try:
        _start(gateway, mark, _GATEWAY, (), "sleep", "infinity")
        for name, host in hosts.items():
            _start(host.container, mark, HOSTS[name], ("--hostname", name, *_RIGHTS, *volume))
        for host in hosts.values():
            _await_booted(host)
        yield Site(hosts, ("nsenter", "--target", inspect(gateway, "{{.State.Pid}}"), "--net"))
    except BaseException as error:
        error.add_note("\n".join(_last_words(host) for host in hosts.values()))
        raise
    finally:
        run(
            "docker",
            "rm",
            "--force",
            "--volumes",
            gateway,
            *(host.container for host in hosts.values()),
            ok=False,
        )
        run("docker", "network", "rm", mark, ok=False)


def _start(container: str, network: str, address: str, options: Sequence[str], *command: str) -> None:
    place = ("--name", container, "--network", network, "--ip", address)
    run("docker", "run", "--detach", *place, *options, IMAGE, *command)


def _await_booted(host: BootedHost) -> None:
    said = ""

    def booted() -> bool:
        nonlocal said
        said = host.run("systemctl", "is-system-running", ok=False).stdout.strip()
        return said in _BOOTED

    wait_until(booted, 30, f"{host.name} has booted")
    # What nftables.service does at a boot; as it is, it wants rights that a container has not.
    host.run("nft", "-f", "/etc/nftables.conf")
    wait_until(lambda: "lb" in host.run("curl", "-s", "127.0.0.1:8088", ok=False).stdout, 10, "nginx answers")


def _last_words(host: BootedHost) -> str:
    log = run("docker", "logs", "--tail", "20", host.container, ok=False)
    journal = host.run("journalctl", "--no-pager", "--lines", "80", ok=False)
    return f"--- {host.name}\n{log.stdout}{log.stderr}\n{journal.stdout}{journal.stderr}"
