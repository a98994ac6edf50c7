"""A pair of sidecars with two virtual routers each: the lab's own, and another beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.netns.lan import VIPS
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import Daemon, Setup, run_sidecar

SECOND_VIP = "10.77.0.101"
"""Of the second router, unless that one is of IPv6."""


def two_routers(
    second: Mapping[str, Mapping[str, Any]],
    *,
    together: bool = False,
    checks: Mapping[str, Any] | None = None,
) -> Daemon:
    """The sidecar with routers `one` (VRID 51, the lab's VIP) and `two`, by host what its keys are.

    `together`: in a sync group. `checks` are further ones.
    """

    def make(namespace: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
        common = {"interface": "eth0", "advert_interval": f"{round(setup.interval * 1000)}ms"}
        all_checks = {**setup.checks, **(checks or {})}
        one = {**common, "vrid": 51, "priority": priority, "addresses": [f"{VIPS[4]}/32"]}
        two = {**common, "vrid": 52, "priority": priority, "addresses": [f"{SECOND_VIP}/32"]}
        what: dict[str, Any] = {
            "virtual_routers": {
                "one": {**one, "checks": list(setup.checks)},
                "two": {**two, "checks": list(all_checks), **second.get(host, {})},
            },
            "checks": all_checks,
        }
        if together:
            what["sync_groups"] = {"both": ["one", "two"]}
        return run_sidecar(namespace, host, folder, what)

    return make
