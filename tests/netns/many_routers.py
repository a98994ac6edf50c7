"""Two hosts on one cable with many virtual routers, and what their kernels and sidecars say of them."""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from ipaddress import IPv4Address
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.netns.lab import wait_until
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import run_sidecar

PRIORITIES: Mapping[str, int] = {"a": 250, "b": 240}
_FIRST = IPv4Address("10.77.16.1")


class ManyRouters:
    """Use as a context manager. `vips`: the number of VIPs of each router, whose VRIDs count from 1.

    Nothing runs but the two sidecars, which are started by `start`.
    """

    def __init__(self, vips: list[int], interval: float = 1.0) -> None:
        self.routers, self.vips = len(vips), sum(vips)
        self._stack = ExitStack()
        self._wanted = vips
        self._interval = interval

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vip-many-")))
            self.namespaces = {name: Namespace() for name in PRIORITIES}
            for namespace in self.namespaces.values():
                stack.callback(namespace.close)
            self.namespaces["a"].ip(
                f"link add eth0 type veth peer name eth0 netns {self.namespaces['b'].pid}"
            )
            for number, (name, namespace) in enumerate(self.namespaces.items(), 11):
                namespace.ip(f"addr add 10.77.0.{number}/16 dev eth0", "link set eth0 up")
                (self._folder / name).mkdir()
            self.daemons = {name: self._daemon(name) for name in PRIORITIES}
            for daemon in self.daemons.values():
                stack.callback(daemon.kill)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is not None:
                for name, daemon in self.daemons.items():
                    last = "\n".join(map(str, daemon.said()[-30:]))
                    error.add_note(f"--- {name}: {self.held(name)} VIPs, {self.moves(name)}\n{last}")

    def start(self, *, within: float = 30.0) -> None:
        """Start host a, wait until it has all VIPs, and start host b, which must not be first to serve."""
        self.daemons["a"].start()
        wait_until(lambda: self.held("a") == self.vips, within, "host a has every VIP")
        wait_until(lambda: self.moves("a").total() >= 2 * self.routers, within, "host a has said so")
        self.daemons["b"].start()
        wait_until(lambda: self.moves("b").total() >= self.routers, within, "host b is a backup")

    def held(self, name: str) -> int:
        """Return how many VIPs the kernel of a host has."""
        shown: list[dict[str, Any]] = json.loads(
            self.namespaces[name].run("ip", "-j", "addr", "show", "eth0")
        )
        addresses = (IPv4Address(each["local"]) for each in shown[0]["addr_info"] if each["family"] == "inet")
        return sum(address >= _FIRST for address in addresses)

    def moves(self, name: str) -> Counter[str]:
        """Return the transitions of all routers of a host so far, by their reason."""
        said = self.daemons[name].said()
        return Counter(line["reason"] for line in said if line["event"] == "transition")

    def _daemon(self, name: str) -> Service:
        routers, address = {}, _FIRST
        for vrid, number in enumerate(self._wanted, 1):
            routers[f"r{vrid}"] = {
                "interface": "eth0",
                "vrid": vrid,
                "priority": PRIORITIES[name],
                "addresses": [str(address + each) for each in range(number)],
                "advert_interval": f"{round(self._interval * 1000)}ms",
            }
            address += number
        return run_sidecar(self.namespaces[name], name, self._folder / name, {"virtual_routers": routers})
