"""The process that reads the configuration for the router: validates it, prints what it means, and ends."""

import os
import sys
from pathlib import Path
from typing import Final

from sidecar.channel.malformed import Unencodable
from sidecar.channel.observer_plan import OBSERVER_PLAN
from sidecar.channel.package import PACKAGE, Package
from sidecar.channel.parameters import NODE_PARAMS
from sidecar.cli import exit_codes
from sidecar.cli.configuration import read
from sidecar.config.plan import plan_of
from sidecar.plan.check import IcmpCheck
from sidecar.plan.plan import ObserverPlan
from sidecar.telemetry.listener import claimed

_OF_POOLS: Final = 16
"""Sockets for echo requests to servers of pools, whose addresses may be names."""
_MOST: Final = 64


def main(file: str, descriptor: int) -> int:
    """Write the package to the descriptor. Mistakes go to stderr. Return the exit status."""
    loaded = read(Path(file))
    if loaded is None:
        return exit_codes.BROKEN
    plan = plan_of(loaded)
    socket = Path(plan.observer.control.socket)
    if claimed(socket):
        # Later it is no reason to end: by then a VIP may be served.
        sys.stderr.write(f"cannot start: another vip-sidecar is running: it owns {socket}\n")
        return exit_codes.BROKEN
    try:
        data = PACKAGE.encode(
            Package(
                NODE_PARAMS.encode(plan.node),
                OBSERVER_PLAN.encode(plan.observer),
                _sockets(plan.observer, 4),
                _sockets(plan.observer, 6),
            )
        )
    except Unencodable as error:
        sys.stderr.write(f"{file}: something is too long: {error}\n")
        return exit_codes.BROKEN
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(data)
    return exit_codes.OK


def _sockets(plan: ObserverPlan, version: int) -> int:
    """Return how many sockets for echo requests the observer can use."""
    checks = sum(isinstance(check, IcmpCheck) and check.target.version == version for check in plan.checks)
    pools = _OF_POOLS if any(pool.check.icmp for pool in plan.pools) else 0
    return min(_MOST, checks + pools)
