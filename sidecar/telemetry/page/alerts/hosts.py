"""Alerts about hosts (monitoring/rules/hosts.yml). Pure."""

from collections.abc import Iterator
from typing import Final

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.alerts.rule import MINUTE, AlertRule, Condition, by_router, repeated
from sidecar.telemetry.page.past import COUNTED_FOR, Past

_RESTARTS: Final = 2
_REMOVALS: Final = 2


def _down(status: Status, _past: Past) -> Iterator[Condition]:
    for node in status["nodes"]:
        if node["fault"] is not None:
            age = node["age_seconds"]
            yield Condition(node["node"] or node["url"], None if age is None else status["at"] - age)


def _fault(status: Status, _past: Past) -> Iterator[Condition]:
    for router in status["virtual_routers"]:
        if router["state"] == "FAULT":
            yield Condition(router["name"], router["since"])


def _cannot_send(status: Status, _past: Past) -> Iterator[Condition]:
    yield from _mute(status, serving=True)


def _cannot_send_on_standby(status: Status, _past: Past) -> Iterator[Condition]:
    yield from _mute(status, serving=False)


def _mute(status: Status, *, serving: bool) -> Iterator[Condition]:
    for router in status["virtual_routers"]:
        if router["cannot_send"] and (router["state"] == "MASTER") == serving:
            yield Condition(router["name"])


def _stuck(status: Status, _past: Past) -> Iterator[Condition]:
    if not status["loop"]["alive"]:
        age = status["loop"]["beat_age_seconds"]
        yield Condition("the protocol loop", None if age is None else status["at"] - age)


def _observer_restarting(status: Status, past: Past) -> Iterator[Condition]:
    restarts = (event for event in past.counted if event.get("event") == "observer_started")
    yield from repeated(restarts, COUNTED_FOR, _RESTARTS, "the observer", status["at"])


def _removed(status: Status, past: Past) -> Iterator[Condition]:
    removals = by_router(event for event in past.counted if event.get("event") == "vip_removed")
    for router in status["virtual_routers"]:
        name = router["name"]
        yield from repeated(removals.get(name, ()), COUNTED_FOR, _REMOVALS, name, status["at"])


def _hook_failing(status: Status, _past: Past) -> Iterator[Condition]:
    for router in status["virtual_routers"]:
        for hook in router["hooks"]:
            if hook["failing"]:
                yield Condition(f"{router['name']}: {hook['hook']}", hook["at"])


RULES: Final = (
    AlertRule("VipCannotSend", True, 30, _cannot_send),
    AlertRule("VipLoopStuck", True, MINUTE, _stuck),
    AlertRule("VipSidecarDown", False, 3 * MINUTE, _down),
    AlertRule("VipFault", False, MINUTE, _fault),
    AlertRule("VipObserverRestarting", False, 0, _observer_restarting),
    AlertRule("VipRemovedByOther", False, 0, _removed),
    AlertRule("VipCannotSendOnStandby", False, 30, _cannot_send_on_standby),
    AlertRule("VipHookFailing", False, MINUTE, _hook_failing),
)
