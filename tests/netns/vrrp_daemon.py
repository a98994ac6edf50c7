"""The daemon on a host's side of the virtual router: the sidecar, and the settings of all such daemons."""

import http.client
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from tests.netns.lan import GATEWAY, VIPS, address
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.webserver import PORT

ROOT = Path(__file__).resolve().parents[2]
STATUS_PORT = 9650
LONGEST_SOCKET = 107
"""Bytes of the path of a socket, the kernel's limit."""

NGINX_CHECKS: dict[str, Any] = {
    "nginx": {"process": "nginx"},
    "http": {"http": f"http://127.0.0.1:{PORT}/", "every": "200ms", "timeout": "200ms", "fall": 2, "rise": 2},
}
"""The configuration for which the failover table promises its numbers."""
RELAXED_CHECKS: dict[str, Any] = {
    "nginx": {"process": "nginx"},
    "http": {"http": f"http://127.0.0.1:{PORT}/", "every": "1s", "timeout": "500ms"},
}
"""The usual configuration; its cost at rest is measured."""
ALL_CHECKS: dict[str, Any] = {
    **NGINX_CHECKS,
    "uplink": {"link": "eth0"},
    "gateway": {"icmp": GATEWAY, "every": "1s", "timeout": "500ms", "fall": 3, "weight": -20},
}


@dataclass(frozen=True, slots=True)
class Setup:
    """Settings that all hosts of a lab share. `interval` is the advertisement interval in seconds."""

    interval: float = 1.0
    checks: Mapping[str, Any] = field(default_factory=lambda: NGINX_CHECKS)
    router: Mapping[str, Any] = field(default_factory=dict)
    """Further keys of the virtual router, for the sidecar alone."""
    vrid: int = 51
    version: int = 3
    family: int = 4
    unicast: bool = False
    """Adverts between hosts a and b, instead of by multicast."""
    peers: Sequence[str] = ()
    """Further unicast peers that the sidecars of both know."""
    preempt: bool = True
    ttl: int = 255
    """Of unicast adverts as keepalived sends them, and the least that the sidecar accepts."""
    pseudo_header: bool = True
    """Whether the IPv4 checksum of version 3 covers the pseudo-header."""
    last_word: bool = False
    """Whether keepalived advertises once more before it yields, as the sidecar always does."""
    password: str = ""
    """Of version 2, "" for none."""
    docker: Mapping[str, str] = field(default_factory=dict)
    """URL of the Docker engine, by host."""
    more: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Further VIPs, by host."""

    @property
    def vip(self) -> str:
        """The VIP that client and witness look at."""
        return VIPS[self.family]

    def vips(self, host: str) -> list[str]:
        """All VIPs of a host, each with its prefix length."""
        length = {4: 32, 6: 128}[self.family]
        return [f"{vip}/{length}" for vip in (self.vip, *self.more.get(host, ()))]

    def ends(self, host: str) -> tuple[str, str]:
        """Unicast: the addresses of a host and of its peer."""
        (peer,) = {"a", "b"} - {host}
        return address(host, self.family), address(peer, self.family)


Daemon = Callable[[Namespace, str, int, Path, Setup], Service]
"""Makes the service of one host from its namespace, name, priority, folder and setup. Not started."""


def sidecar(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
    """The sidecar, from this source tree."""
    router: dict[str, Any] = {
        "interface": "eth0",
        "vrid": setup.vrid,
        "version": setup.version,
        "priority": priority,
        "preempt": setup.preempt,
        "addresses": setup.vips(host),
        "advert_interval": f"{round(setup.interval * 1000)}ms",
    }
    if setup.unicast:
        source, peer = setup.ends(host)
        router["unicast"] = {"source": source, "peers": [peer, *setup.peers], "min_ttl": setup.ttl}
    if not setup.pseudo_header:
        router["v4_pseudo_header"] = False
    if setup.password:
        router["auth"] = {"pass": setup.password}
    router |= setup.router
    what: dict[str, Any] = {"virtual_routers": {"web": router}, "checks": dict(setup.checks)}
    if host in setup.docker:
        what["docker"] = {"url": setup.docker[host]}
    return run_sidecar(namespace, host, folder, what)


def run_sidecar(namespace: Namespace, host: str, folder: Path, what: Mapping[str, Any]) -> Service:
    """The sidecar with any routers, checks and groups, from this source tree. Not started."""
    socket = str(folder / "control.sock")
    assert len(socket) <= LONGEST_SOCKET, f"the sidecar would refuse to start: {socket} is too long"
    config = {
        "node": host,
        **what,
        "http": {"listen": f"127.0.0.1:{STATUS_PORT}"},
        "control": {"socket": socket},
        "log": {"format": "json", "level": "info"},
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "sidecar.yaml"
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    argv = [sys.executable, "-m", "sidecar", "run", "-c", str(file)]
    return Service(namespace, argv, folder / "sidecar.log", PYTHONPATH=str(ROOT))


ANSWERS = 10.0
"""Seconds for one answer: the observer waits for the router, and both for a busy machine."""


def status(namespace: Namespace, path: str = "/status.json") -> tuple[int, str]:
    """The answer of a host's status port: HTTP status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", STATUS_PORT, timeout=ANSWERS)
    try:
        with namespace.network():
            connection.connect()
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


TOLD = 0.7
"""Seconds until the router has counted what is under way; the observer asks it for its counts."""


def metrics(namespace: Namespace, told: float = TOLD) -> str:
    """The counters of a host's sidecar. `told`: seconds to wait for them, 0 if that was done already."""
    time.sleep(told)
    return answered(namespace, "/metrics")


SHOWN = 0.3
"""Seconds until the router has done what follows from what is under way; a picture is asked for."""


OBSERVED = 15.0
"""Seconds until there must be an observer. It begins after the router, which may serve by then."""


def answered(namespace: Namespace, path: str = "/status.json") -> str:
    """The body that a host's status port answers with. An observer that begins is waited for.

    Nobody listens before there is one, and it does not answer for a router that it has not heard of yet.
    """
    ends = time.monotonic() + OBSERVED
    while True:
        try:
            code, body = status(namespace, path)
        except (OSError, http.client.HTTPException) as failure:
            body = repr(failure)
        else:
            if code == HTTPStatus.OK:
                return body
        assert time.monotonic() < ends, f"{path}: {body}"
        time.sleep(0.05)


def router_status(namespace: Namespace, name: str = "web") -> dict[str, Any]:
    """One virtual router in the status of a host, as it is now. A sidecar that begins is waited for."""
    time.sleep(SHOWN)
    ends = time.monotonic() + OBSERVED
    while not (found := _told(namespace, name)):
        assert time.monotonic() < ends, f"no status of {name}"
        time.sleep(0.05)
    return found


def _told(namespace: Namespace, name: str) -> dict[str, Any] | None:
    """None: nobody tells anything of this router yet."""
    for each in json.loads(answered(namespace))["virtual_routers"]:
        if each["name"] == name:
            assert isinstance(each, dict)
            return each
    return None
