"""The process that reads the configuration for the router: validates it, prints what it means, and ends."""

import os
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from sidecar import __version__
from sidecar.channel.malformed import Malformed, Unencodable
from sidecar.channel.observer_plan import OBSERVER_PLAN
from sidecar.channel.package import PACKAGE, Package
from sidecar.channel.parameters import NODE_PARAMS
from sidecar.cli import exit_codes
from sidecar.cli.configuration import read, said
from sidecar.config.load import load
from sidecar.config.mistake import ConfigError, Severity
from sidecar.config.plan import plan_of
from sidecar.core.health.drain_events import DrainAsked
from sidecar.plan.check import IcmpCheck
from sidecar.plan.plan import ObserverPlan, Plan
from sidecar.plan.state_folder import state_folder
from sidecar.telemetry.drain_file import read as read_drain
from sidecar.telemetry.listener import claimed

_OF_POOLS: Final = 16
"""Sockets for echo requests to servers of pools, whose addresses may be names."""
_MOST: Final = 64
_ANOTHER_OBSERVER: Final = (
    "warning[observer]: a plan of this size needs another observer: for a second or more no check has a "
    "result, and one whose `max_age` is over by then counts as failed"
)
_SHOWN: Final = 3
"""Mistakes in the sentence about a file that is wrong; all of them follow it."""


def main(file: str, descriptor: int) -> int:
    """Write the package to the descriptor. Mistakes go to stderr. Return the exit status."""
    loaded = read(Path(file), asks=False)
    if loaded is None:
        return exit_codes.BROKEN
    plan = plan_of(loaded)
    if taken := _taken(plan):
        # Later it is no reason to end: by then a VIP may be served.
        sys.stderr.write(f"cannot start: {taken}\n")
        return exit_codes.BROKEN
    try:
        data = PACKAGE.encode(replace(_package(plan), drain=_drain(plan.observer)))
    except Unencodable as error:
        sys.stderr.write(f"{file}: {_too_long(error)}\n")
        return exit_codes.BROKEN
    _write(descriptor, data)
    return exit_codes.OK


def reread(file: str, descriptor: int, present: int, version: str) -> int:
    """Write what a reload would change to the descriptor, mistakes too. Return the exit status.

    `present` is a descriptor of a file with the package that counts now, as the sidecar of `version` has made
    it: a package manager may have replaced the files that it was started from.
    """
    # A start has nothing to compare with, and waits for what is loaded.
    from sidecar.channel.reload import READING, Reading  # noqa: PLC0415
    from sidecar.cli.reload_plan import told  # noqa: PLC0415

    old = _present(present)
    if old is None or version != __version__:
        why = (
            f"the files of vip-sidecar were replaced after it was started: it runs version {version}, they "
            f"are of {__version__}, or of another state of it: restart it, then it has {file}, too"
        )
        _write(descriptor, READING.encode(Reading(None, why, b"")))
        return exit_codes.BROKEN
    try:
        loaded = load(Path(file), os.environ, socket.gethostname())
    except ConfigError as error:
        # Warnings, too, would stand before the reason why it is refused, and push it out of the sentence.
        errors = tuple(each for each in error.mistakes if each.severity is Severity.ERROR)
        more = f"; and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
        why = f"{file} is wrong: {'; '.join(map(str, errors[:_SHOWN]))}{more}"
        _write(descriptor, READING.encode(Reading(None, why, told(mistakes=said(errors, Path(file))))))
        return exit_codes.BROKEN
    plan = plan_of(loaded)
    why = _taken(plan) if plan.observer.control != old.observer.control else ""
    package = None
    try:
        package = None if why else _package(plan)
        data = READING.encode(Reading(package, why, told(old, plan, warnings=_of_size(package))))
    except Unencodable as error:
        package, data = None, READING.encode(Reading(None, f"{file}: {_too_long(error)}", b""))
    _write(descriptor, data)
    return exit_codes.BROKEN if package is None else exit_codes.OK


def _present(descriptor: int) -> Plan | None:
    """Return the plan that counts, None if another version has written it."""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        data = file.read()
    try:
        package = PACKAGE.decode(data)
        return Plan(NODE_PARAMS.decode(package.node), OBSERVER_PLAN.decode(package.observer))
    except Malformed:
        return None


def _of_size(package: Package | None) -> tuple[str, ...]:
    """Warn if the plan is more than an observer at work can be given."""
    from sidecar.channel.reload import LARGEST_EXCHANGE  # noqa: PLC0415 - as above

    return () if package is None or len(package.observer) <= LARGEST_EXCHANGE else (_ANOTHER_OBSERVER,)


def _package(plan: Plan) -> Package:
    """Return the plan as bytes. Raises Unencodable."""
    return Package(
        NODE_PARAMS.encode(plan.node),
        OBSERVER_PLAN.encode(plan.observer),
        _sockets(plan.observer, 4),
        _sockets(plan.observer, 6),
    )


def _taken(plan: Plan) -> str:
    path = Path(plan.observer.control.socket)
    return f"another vip-sidecar is running: it owns {path}" if claimed(path) else ""


def _too_long(error: Unencodable) -> str:
    return f"something is too long: {error}"


def _write(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(data)


def _drain(plan: ObserverPlan) -> DrainAsked | None:
    """Return the drain that an earlier sidecar of this host has begun, if it is not over."""
    try:
        drained = read_drain(Path(state_folder(plan)))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"this host is not drained: {error}\n")
        return None
    now = time.time()
    return None if drained is None or not drained.left(now) else drained.asked(now)


def _sockets(plan: ObserverPlan, version: int) -> int:
    """Return how many sockets for echo requests the observer can use."""
    checks = sum(isinstance(check, IcmpCheck) and check.target.version == version for check in plan.checks)
    pools = _OF_POOLS if any(pool.check.icmp for pool in plan.pools) else 0
    return min(_MOST, checks + pools)
