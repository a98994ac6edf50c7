"""`doctor` on a host of the lab, with exactly the capabilities that a sidecar's container has."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import yaml

from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS
from sidecar.net.vrrp.vrrp_socket import VrrpSocket
from tests.netns.lab import Host, Lab
from tests.netns.namespace import Namespace
from tests.netns.vrrp_daemon import ROOT

CAPABLE = ("setpriv", "--bounding-set", "-all,+net_admin,+net_raw", "--inh-caps", "-all")
"""Starts a program as root with NET_ADMIN and NET_RAW, and nothing else."""
INCAPABLE = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all")
"""Starts a program as root without any capability."""
_SHOWING = ("sh", "-c", 'grep ^CapEff: /proc/self/status; exec "$@"', "sh")
"""Prints what the kernel allows the program that follows, and becomes that program."""
_GRANTED = 0x3000
_LONGEST = 120.0
"""Seconds to wait for an examination: no claim. On a quiet machine it takes five."""
_AGAIN = 5
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


def begin(
    host: Host,
    *words: str,
    privileges: Sequence[str] = CAPABLE,
    program: Sequence[str] = ("sidecar",),
    **environment: str,
) -> subprocess.Popen[bytes]:
    """Start an examination on a host. `program`: the module that is run, and its first arguments."""
    folder = host.daemon.log.parent
    files = ["-c", str(file_of(host)), "--socket", str(folder / "control.sock")]
    argv = [*privileges, *_SHOWING, sys.executable, "-m", *program, "doctor", *files, "-o", "json", *words]
    return host.namespace.spawn(argv, subprocess.PIPE, PYTHONPATH=str(ROOT), **environment)


def end(process: subprocess.Popen[bytes], granted: int = _GRANTED) -> Examined:
    """Wait for an examination, which had exactly these capabilities."""
    output, _ = process.communicate(timeout=_LONGEST)
    shown, _, document = output.decode().partition("\n")
    assert int(shown.removeprefix("CapEff:"), 16) == granted
    return Examined(process.returncode, json.loads(document))


def examine(host: Host, *words: str, **environment: str) -> Examined:
    """Examine a host."""
    return end(begin(host, *words, **environment))


def examine_all(
    lab: Lab,
    hosts: Sequence[Host],
    *words: str,
    prefix: Mapping[str, Sequence[str]] | None = None,
    told: Callable[[list[Examined]], bool] = lambda _: True,
) -> list[Examined]:
    """Examine several hosts at the same time, again if the VIP moved meanwhile: a busy machine moves it.

    `prefix`: by the name of a host, what its examination is run by. `told`: whether they have heard of each
    other, of which a busy machine lets a host hear nothing for a while; again if not.
    """
    before = prefix or {}
    for _ in range(_AGAIN):
        held = lab.holds()
        begun = [begin(host, *words, privileges=(*before.get(host.name, ()), *CAPABLE)) for host in hosts]
        examined = [end(each) for each in begun]
        if lab.holds() == held and told(examined):
            break
    return examined


def file_of(host: Host) -> Path:
    """The configuration of a host."""
    return host.daemon.log.with_name("sidecar.yaml")


def write(host: Host, line: str, check: str = "") -> None:
    """Write a line into the file of a host, as a person would: for its router, or for a check."""
    change(host, yaml.safe_load(line), check)


def change(host: Host, keys: Mapping[str, Any], check: str = "") -> None:
    """Give the router of a host, or a check, other values; None takes a key away."""
    file = file_of(host)
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    there = config["checks"][check] if check else config["virtual_routers"]["web"]
    there |= keys
    for key in [key for key, value in there.items() if value is None]:
        del there[key]
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


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
