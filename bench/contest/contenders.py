"""Who competes, and on which stage: the same network, nginx, client, witness and faults for all."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.contest import keepalived
from tests.netns.lab import Host, Lab
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import NGINX_CHECKS, Daemon, Setup, run_sidecar

PROCESS, HTTP, NONE = "process", "http", "none"
"""How nginx is judged: by the life of its process, by a request, not at all."""
_MOST: Final = 255
_SELDOM: Final = 0.01
"""Seconds between two requests of the client where none is measured."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What all contenders of a row are told. `interval` is the advertisement interval in seconds."""

    interval: float = 1.0
    check: str = NONE
    routers: int = 1
    vips: int = 1
    """Of the first router."""
    hosts: int = 2
    patience: float = 0.1
    """Seconds after which a request of the client has failed."""

    @property
    def addresses(self) -> list[str]:
        """Return all VIPs of the first router but the first one."""
        return [f"10.78.1.{number}" for number in range(1, self.vips)]

    @property
    def further(self) -> list[keepalived.Router]:
        """Return the routers besides the first one, with a VIP each."""
        ids = [vrid for vrid in range(1, _MOST + 1) if vrid != Setup().vrid][: self.routers - 1]
        return [keepalived.Router(vrid, [f"10.78.2.{vrid}/32"]) for vrid in ids]

    def setup(self) -> Setup:
        """Return the settings of the lab."""
        more = dict.fromkeys("ab", self.addresses)
        return Setup(interval=self.interval, checks={}, more=more)


@dataclass(frozen=True, slots=True)
class Contender:
    """One of those that compete."""

    key: str
    name: str
    daemon: Callable[[Terms], Daemon]


class Stage(Lab):
    """A lab for a contender.

    nginx of host a is called nginx-a, because keepalived sees the processes of both hosts. Their interface
    has a name that no machine has.
    """

    def __init__(self, contender: Contender, terms: Terms, every: float = _SELDOM) -> None:
        daemon = contender.daemon(terms)
        super().__init__(terms.setup(), daemon, terms.hosts, patience=terms.patience, every=every)
        self.terms = terms

    def _host(self, name: str, priority: int, folder: Path) -> Host:
        made = super()._host(name, priority, folder)
        card = keepalived.INTERFACE
        made.namespace.ip("link set eth0 down", f"link set eth0 name {card}", f"link set {card} up")
        program = folder / name / f"nginx-{name}"
        program.symlink_to(str(shutil.which("nginx")))
        made.nginx.argv[0] = str(program)
        return made


def _checks(kind: str, host: str) -> Mapping[str, Any]:
    return {
        PROCESS: {"nginx": {"process": f"nginx-{host}"}},
        HTTP: {"http": NGINX_CHECKS["http"]},
        NONE: {},
    }[kind]


def _sidecar(keys: Mapping[str, Any]) -> Callable[[Terms], Daemon]:
    """Return what makes sidecars whose routers have further keys.

    One lab sees many failures of one host in a row: only here is that no flapping.
    """

    def of(terms: Terms) -> Daemon:
        def made(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
            every = {
                "interface": keepalived.INTERFACE,
                "priority": priority,
                "advert_interval": f"{round(setup.interval * 1000)}ms",
                "damping": False,
                **keys,
            }
            routers = {"web": every | {"vrid": setup.vrid, "addresses": setup.vips(host)}}
            for router in terms.further:
                routers[f"r{router.vrid}"] = every | {"vrid": router.vrid, "addresses": list(router.vips)}
            what = {"virtual_routers": routers, "checks": dict(_checks(terms.check, host))}
            return run_sidecar(namespace, host, folder, what)

        return made

    return of


def _keepalived(terms: Terms) -> Daemon:
    judges = {PROCESS: keepalived.PROCESS, HTTP: keepalived.SCRIPT, NONE: keepalived.NONE}
    return keepalived.best(judges[terms.check], terms.further)


PAIR: Final = Contender("pair", "vip-sidecar, `hosts: 2`", _sidecar({"hosts": 2}))
PLAIN: Final = Contender("sidecar", "vip-sidecar", _sidecar({}))
KEEPALIVED: Final = Contender("keepalived", "keepalived 2.3.3", _keepalived)
CONTENDERS: Final = {each.key: each for each in (PAIR, PLAIN, KEEPALIVED)}
