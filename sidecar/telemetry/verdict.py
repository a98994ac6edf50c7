"""From a status document to one verdict and the reasons for it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from sidecar.telemetry import verdict_router
from sidecar.telemetry.document import LanFinding, Pool, Status


class Level(IntEnum):
    """How bad it is: the exit code of `status`, and the colour of the page."""

    OK = 0
    DEGRADED = 1
    BROKEN = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """The exit code, and every reason why it is not 0, worst first."""

    code: Level
    reasons: tuple[str, ...]


def judge(status: Status) -> Verdict:
    """Return what the document means for whoever is on call."""
    faults = tuple(_faults(status))
    worries = tuple(_worries(status))
    if faults:
        return Verdict(Level.BROKEN, faults + worries)
    return Verdict(Level.DEGRADED if worries else Level.OK, worries)


def _faults(status: Status) -> Iterator[str]:
    loop = status["loop"]
    if not loop["alive"]:
        age = loop["beat_age_seconds"]
        when = "has not run yet" if age is None else f"last ran {age:.1f} s ago"
        yield f"the protocol loop {when}: what is shown here is old"
    # What is overheard names the cause, with both values and the MAC address; other hosts tell that it is so.
    yield from (_overheard(each) for each in status.get("lan_findings", []) if each["fault"])
    yield from (each["sentence"] for each in status.get("node_findings", []) if each["fault"])
    for router in status["virtual_routers"]:
        yield from verdict_router.faults(router, status)


def _worries(status: Status) -> Iterator[str]:
    for router in status["virtual_routers"]:
        yield from verdict_router.worries(router, status)
    yield from (_overheard(each) for each in status.get("lan_findings", []) if not each["fault"])
    yield from (each["sentence"] for each in status.get("node_findings", []) if not each["fault"])
    for check in status["checks"]:
        if check["up"] is None and not verdict_router.starting(status):
            yield f"check {check['name']} has no verdict: {check['detail']}"
        elif check["up"] is False:
            yield f"check {check['name']} is down: {check['detail']}"
    for pool in status.get("pools", []):
        yield from _pool_worries(pool)
    if status["docker_connected"] is False and not verdict_router.starting(status):
        yield "Docker is away: container checks cannot tell"
    yield from status.get("troubles", [])


def _overheard(found: LanFinding) -> str:
    return f"{found['router']}: {found['sentence']}"


def _pool_worries(pool: Pool) -> Iterator[str]:
    if pool["state"] == "failed":
        yield f"pool {pool['name']} cannot be changed: {pool['detail']}"
    if pool.get("cut_off"):
        yield f"pool {pool['name']}: this host is cut off and judges no server of it: {pool['cut_off']}"
    if pool["mode"] != "normal":
        yield f"pool {pool['name']}: {pool['mode'].replace('_', ' ')}"
    for server in pool["servers"]:
        if server["up"] is not True:
            yield f"pool {pool['name']}: {server['server']} is not up: {server['detail']}"
