"""Alerts about checks, Docker and pools (monitoring/rules/checks.yml). Pure."""

from collections.abc import Iterator
from typing import Final

from sidecar.telemetry.document import Pool, Status
from sidecar.telemetry.page.alerts.rule import MINUTE, AlertRule, Condition
from sidecar.telemetry.page.past import Past

_ENDING: Final = 14 * 86400.0
"""Seconds before the end of a certificate."""


def _failing(status: Status, _past: Past) -> Iterator[Condition]:
    yield from (Condition(each["name"], each["since"]) for each in status["checks"] if each["up"] is False)


def _ending(status: Status, _past: Past) -> Iterator[Condition]:
    for check in status["checks"]:
        expires = check["certificate_expires"]
        if expires is not None and expires - status["at"] < _ENDING:
            yield Condition(check["name"], expires - _ENDING)


def _docker_away(status: Status, _past: Past) -> Iterator[Condition]:
    if status["docker_connected"] is False:
        yield Condition("Docker")


def _down(pool: Pool) -> list[float]:
    return [server["since"] for server in pool["servers"] if server["up"] is False]


def _up(pool: Pool) -> bool:
    return any(server["up"] for server in pool["servers"])


def _empty(status: Status, _past: Past) -> Iterator[Condition]:
    if not _stands_by(status):
        yield from _all_down(status)


def _empty_on_standby(status: Status, _past: Past) -> Iterator[Condition]:
    if _stands_by(status):
        yield from _all_down(status)


def _stands_by(status: Status) -> bool:
    """Whether none of its virtual routers serves: no visitor meets what is wrong here."""
    states = [router["state"] for router in status["virtual_routers"]]
    return bool(states) and "MASTER" not in states


def _all_down(status: Status) -> Iterator[Condition]:
    for pool in status["pools"]:
        if (down := _down(pool)) and not _up(pool):
            yield Condition(pool["name"], max(down))


def _short(status: Status, _past: Past) -> Iterator[Condition]:
    for pool in status["pools"]:
        if (down := _down(pool)) and _up(pool):
            yield Condition(pool["name"], min(down))


def _not_live(status: Status, _past: Past) -> Iterator[Condition]:
    yield from (Condition(pool["name"], pool["since"]) for pool in status["pools"] if pool["state"] != "live")


RULES: Final = (
    AlertRule("VipPoolEmpty", True, MINUTE, _empty),
    AlertRule("VipCheckFailing", False, 3 * MINUTE, _failing),
    AlertRule("VipCertificateEnding", False, 60 * MINUTE, _ending),
    AlertRule("VipDockerAway", False, 3 * MINUTE, _docker_away),
    AlertRule("VipPoolEmptyOnStandby", False, MINUTE, _empty_on_standby),
    AlertRule("VipPoolShort", False, 5 * MINUTE, _short),
    AlertRule("VipPoolNotLive", False, 5 * MINUTE, _not_live),
)
