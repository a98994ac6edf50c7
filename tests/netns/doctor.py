"""`doctor` on a host of the lab, with exactly the capabilities that a sidecar's container has."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS
from sidecar.net.vrrp.vrrp_socket import VrrpSocket
from tests.netns.lab import Host
from tests.netns.namespace import Namespace
from tests.netns.vrrp_daemon import ROOT

_PRIVILEGES = ("setpriv", "--bounding-set", "-all,+net_admin,+net_raw", "--inh-caps", "-all")
_LONGEST = 60.0
"""Seconds for an examination on a machine that is busy; on a quiet one it takes five."""
_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Examined:
    """What an examination said: its exit code and its document."""

    code: int
    document: dict[str, Any]

    @property
    def problems(self) -> dict[str, list[dict[str, str]]]:
        """The problems of each check that found any."""
        return {each["name"]: each["problems"] for each in self.document["checks"] if each["problems"]}

    @property
    def unseen(self) -> dict[str, list[str]]:
        """The checks that could not see everything, and why."""
        return {each["name"]: each["unseen"] for each in self.document["checks"] if each["unseen"]}

    def mend(self, check: str) -> str:
        """The line that mends the only problem of a check."""
        (problem,) = self.problems[check]
        return problem["mend"]


def begin(host: Host, *words: str, privileges: Sequence[str] = _PRIVILEGES) -> subprocess.Popen[bytes]:
    """Start an examination on a host."""
    folder = host.daemon.log.parent
    files = ["-c", str(folder / "sidecar.yaml"), "--socket", str(folder / "control.sock")]
    argv = [*privileges, sys.executable, "-m", "sidecar", "doctor", *files, "-o", "json", *words]
    return host.namespace.spawn(argv, subprocess.PIPE, PYTHONPATH=str(ROOT))


def end(process: subprocess.Popen[bytes]) -> Examined:
    """Wait for an examination."""
    output, _ = process.communicate(timeout=_LONGEST)
    return Examined(process.returncode, json.loads(output))


def examine(host: Host, *words: str, privileges: Sequence[str] = _PRIVILEGES) -> Examined:
    """Examine a host."""
    return end(begin(host, *words, privileges=privileges))


def execute(host: Host, line: str) -> None:
    """Execute a mending line on a host, as a person would who copies it."""
    host.namespace.run("sh", "-ec", line)


@contextmanager
def adverts(
    namespace: Namespace, source: str, *vips: str, vrid: int = 51, priority: int = 100
) -> Iterator[None]:
    """Another VRRP program in a namespace advertises during the block."""
    group = GROUPS[4]
    advert = Advert(vrid, priority, 100, tuple(map(ip_address, vips)))
    payload = encode(advert, ip_address(source), group, pseudo_header=True)
    with namespace.network():
        speaker = VrrpSocket("eth0", socket.if_nametoindex("eth0"), 4)
    over = threading.Event()

    def send() -> None:
        while not over.wait(_EVERY):
            speaker.send(ip_address(source), group, payload)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        speaker.close()


@contextmanager
def listener(namespace: Namespace, host: str, port: int) -> Iterator[None]:
    """A server that listens on one address of a namespace during the block, and never answers."""
    with namespace.network(), socket.socket() as server:
        server.bind((host, port))
        server.listen()
        yield
