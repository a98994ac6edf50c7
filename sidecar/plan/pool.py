"""One upstream of nginx: what its servers are asked, and how a change reaches nginx."""

from dataclasses import dataclass

from sidecar.core.pool.params import PoolParams
from sidecar.plan.container import ContainerSelection
from sidecar.plan.request import Expect, Header, Method


@dataclass(frozen=True, slots=True)
class PoolCheck:
    """How each server is probed, in layers: icmp, then tcp, then http. The first one that fails decides.

    `http` is the path that is asked for, `port` replaces the server's own for that request.
    `every` and `timeout` in seconds.
    """

    icmp: bool = False
    tcp: bool = True
    http: str | None = None
    tls: bool = False
    port: int | None = None
    method: Method = Method.GET
    host: str | None = None
    headers: tuple[Header, ...] = ()
    verify: bool = False
    sni: str | None = None
    ca: str | None = None
    expect: Expect = Expect()
    every: float = 1.0
    timeout: float = 0.5


@dataclass(frozen=True, slots=True)
class Reload:
    """Which nginx loads the file: exactly one of `container` and `pid_file`.

    `test` is the program that checks the configuration of nginx, empty: none does. `timeout` in seconds.
    """

    container: ContainerSelection | None = None
    pid_file: str | None = None
    test: tuple[str, ...] = ("nginx", "-t")
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool. `params` is for the decisions, the rest for what senses and acts. `file` is written."""

    params: PoolParams
    check: PoolCheck
    file: str
    reload: Reload

    @property
    def name(self) -> str:
        """The name in the configuration."""
        return self.params.name
