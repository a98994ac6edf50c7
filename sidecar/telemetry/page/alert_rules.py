"""Which alerts of monitoring/rules the status of one host is enough to judge. Pure.

A rule that counts over a cluster, or over the past, is for Prometheus alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.telemetry.document import Pool, Status


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that an alert is about, true `since` that Unix time; None: it is not known since when."""

    subject: str
    since: float | None = None


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert: its name in monitoring/rules, seconds for which it must last, and whom it concerns now."""

    name: str
    critical: bool
    lasting: float
    find: Callable[[Status], Iterator[Condition]]

    @property
    def runbook(self) -> str:
        """The section of the runbook."""
        return f"docs/runbook.md#{self.name.lower()}"


def _found(status: Status, kind: str) -> Iterator[Condition]:
    yield from (Condition(each["url"]) for each in status["node_findings"] if each["kind"] == kind)


def _no_holder(status: Status) -> Iterator[Condition]:
    """Judge it only if every other host answers: who is silent may serve."""
    if not status["nodes"] or any(node["fault"] for node in status["nodes"]):
        return
    theirs = {
        each for node in status["nodes"] for router in node["virtual_routers"] for each in router["owned"]
    }
    for router in status["virtual_routers"]:
        for vip in router["addresses"]:
            held = vip["owned"] or vip["address"].partition("/")[0] in theirs
            if not held and router["master"] is None:
                yield Condition(vip["address"])


def _two_holders(status: Status) -> Iterator[Condition]:
    yield from _found(status, "two_holders")


def _second_master(status: Status) -> Iterator[Condition]:
    yield from (Condition(each["name"]) for each in status["virtual_routers"] if each["masters_observed"] > 1)


def _no_standby(status: Status) -> Iterator[Condition]:
    """Nobody of those that are known could take over what this host serves."""
    if not status["nodes"] or status["drain"] is not None:
        return
    ready = {
        router["vrid"]
        for node in status["nodes"]
        if node["fault"] is None
        for router in node["virtual_routers"]
        if router["state"] == "BACKUP" and router["fit"]
    }
    for router in status["virtual_routers"]:
        if router["state"] == "MASTER" and router["vrid"] not in ready:
            yield Condition(router["name"])


def _fail_open(status: Status) -> Iterator[Condition]:
    for router in status["virtual_routers"]:
        priority = router["priority"]
        if router["state"] == "MASTER" and priority["effective"] == UNFIT_PRIORITY < priority["configured"]:
            yield Condition(router["name"])


def _fault(status: Status) -> Iterator[Condition]:
    for router in status["virtual_routers"]:
        if router["state"] == "FAULT":
            yield Condition(router["name"], router["since"])


def _cannot_send(status: Status) -> Iterator[Condition]:
    yield from (Condition(each["name"]) for each in status["virtual_routers"] if each["cannot_send"])


def _stuck(status: Status) -> Iterator[Condition]:
    if not status["loop"]["alive"]:
        age = status["loop"]["beat_age_seconds"]
        yield Condition("the protocol loop", None if age is None else status["at"] - age)


def _check_failing(status: Status) -> Iterator[Condition]:
    yield from (Condition(each["name"], each["since"]) for each in status["checks"] if each["up"] is False)


def _docker_away(status: Status) -> Iterator[Condition]:
    if status["docker_connected"] is False:
        yield Condition("Docker")


def _down(pool: Pool) -> list[float]:
    return [server["since"] for server in pool["servers"] if server["up"] is False]


def _up(pool: Pool) -> bool:
    return any(server["up"] for server in pool["servers"])


def _pool_empty(status: Status) -> Iterator[Condition]:
    for pool in status["pools"]:
        if (down := _down(pool)) and not _up(pool):
            yield Condition(pool["name"], max(down))


def _pool_short(status: Status) -> Iterator[Condition]:
    for pool in status["pools"]:
        if (down := _down(pool)) and _up(pool):
            yield Condition(pool["name"], min(down))


def _pool_not_live(status: Status) -> Iterator[Condition]:
    yield from (Condition(pool["name"], pool["since"]) for pool in status["pools"] if pool["state"] != "live")


def _refused(status: Status) -> Iterator[Condition]:
    for router in status["virtual_routers"]:
        if any(each["refused"] for each in router["mismatches"]):
            yield Condition(router["name"])


def _drift(status: Status) -> Iterator[Condition]:
    yield from _found(status, "drift")


def _drained(status: Status) -> Iterator[Condition]:
    if status["drain"] is not None:
        yield Condition("this host", status["drain"]["since"])


_MINUTE: Final = 60.0
RULES: Final = (
    AlertRule("VipNoHolder", True, 30, _no_holder),
    AlertRule("VipTwoHolders", True, 30, _two_holders),
    AlertRule("VipSecondMaster", True, 30, _second_master),
    AlertRule("VipFailOpen", True, _MINUTE, _fail_open),
    AlertRule("VipCannotSend", True, 30, _cannot_send),
    AlertRule("VipLoopStuck", True, _MINUTE, _stuck),
    AlertRule("VipPoolEmpty", True, _MINUTE, _pool_empty),
    AlertRule("VipNoStandby", False, 5 * _MINUTE, _no_standby),
    AlertRule("VipFault", False, _MINUTE, _fault),
    AlertRule("VipCheckFailing", False, 3 * _MINUTE, _check_failing),
    AlertRule("VipDockerAway", False, 3 * _MINUTE, _docker_away),
    AlertRule("VipPoolShort", False, 5 * _MINUTE, _pool_short),
    AlertRule("VipPoolNotLive", False, 5 * _MINUTE, _pool_not_live),
    AlertRule("VipAdvertsRefused", False, 2 * _MINUTE, _refused),
    AlertRule("VipConfigDrift", False, 15 * _MINUTE, _drift),
    AlertRule("VipDrainForgotten", False, 240 * _MINUTE, _drained),
)
"""Critical ones first."""
