"""Alerts about configuration, peers and operators (monitoring/rules/configuration.yml). Pure."""

from collections.abc import Iterator
from typing import Final

from sidecar.core.wire.advert import Drop
from sidecar.telemetry.document import Status
from sidecar.telemetry.page.alerts.rule import MINUTE, AlertRule, Condition, by_router, found, repeated
from sidecar.telemetry.page.past import Past

_UNKNOWN_FOR: Final = 10 * MINUTE


def _refused(status: Status, _past: Past) -> Iterator[Condition]:
    for router in status["virtual_routers"]:
        if any(each["refused"] for each in router["mismatches"]):
            yield Condition(router["name"])


def _unknown_master(status: Status, past: Past) -> Iterator[Condition]:
    told = (
        event
        for event in past.counted
        if (event.get("component"), event.get("reason")) == ("election", "unknown_master")
    )
    for router, events in by_router(told, without="this host").items():
        yield from repeated(events, _UNKNOWN_FOR, 0, router, status["at"])


def _clocks_apart(status: Status, _past: Past) -> Iterator[Condition]:
    for router in status["virtual_routers"]:
        if any(each["reason"] == Drop.AUTH_STALE for each in router["mismatches"]):
            yield Condition(router["name"])


def _reload_refused(status: Status, _past: Past) -> Iterator[Condition]:
    if not status["config_reload_successful"]:
        yield Condition("the file")


def _drift(status: Status, _past: Past) -> Iterator[Condition]:
    yield from found(status, "drift")


def _drained(status: Status, _past: Past) -> Iterator[Condition]:
    if status["drain"] is not None:
        yield Condition("this host", status["drain"]["since"])


RULES: Final = (
    AlertRule("VipUnknownMaster", True, 0, _unknown_master),
    AlertRule("VipAdvertsRefused", False, 2 * MINUTE, _refused),
    AlertRule("VipClocksApart", False, 2 * MINUTE, _clocks_apart),
    AlertRule("VipReloadRefused", False, MINUTE, _reload_refused),
    AlertRule("VipConfigDrift", False, 15 * MINUTE, _drift),
    AlertRule("VipDrainForgotten", False, 240 * MINUTE, _drained),
)
