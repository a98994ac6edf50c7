"""Alerts about who serves (monitoring/rules/serving.yml). Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.telemetry.document import NodeRouter, Router, Status, VipClaim
from sidecar.telemetry.lan.finding import LanKind
from sidecar.telemetry.page.alerts.rule import (
    MINUTE,
    AlertRule,
    Condition,
    Find,
    by_router,
    found,
    repeated,
)
from sidecar.telemetry.page.past import COUNTED_FOR, Past

_MOVES: Final = 5


def _all_told(status: Status) -> bool:
    """Whether every other host answers: one that is silent may serve."""
    return bool(status["nodes"]) and not any(node["fault"] for node in status["nodes"])


def _missing(status: Status) -> Iterator[tuple[VipClaim, Router]]:
    """Yield each VIP that no known host has, with its router."""
    theirs = {
        each for node in status["nodes"] for router in node["virtual_routers"] for each in router["owned"]
    }
    for router in status["virtual_routers"]:
        for vip in router["addresses"]:
            if not vip["owned"] and vip["address"].partition("/")[0] not in theirs:
                yield vip, router


class _Elsewhere:
    """What the other hosts that answer tell of the virtual routers of this one."""

    def __init__(self, status: Status) -> None:
        # A host may have one VRID on each of its interfaces, and in both families.
        self._vrids = Counter(router["vrid"] for router in status["virtual_routers"])
        self._told = [
            router for node in status["nodes"] if node["fault"] is None for router in node["virtual_routers"]
        ]

    def told_of(self, router: Router) -> Iterator[NodeRouter]:
        """Yield what each of them tells of this one."""
        by_name = self._vrids[router["vrid"]] > 1
        for each in self._told:
            if each["vrid"] == router["vrid"] and (not by_name or each["name"] == router["name"]):
                yield each


def _no_holder(status: Status, _past: Past) -> Iterator[Condition]:
    if _all_told(status):
        for vip, router in _missing(status):
            if router["master"] is None or (router["state"] == "MASTER" and vip["desired"]):
                yield Condition(vip["address"])


def _served_elsewhere(status: Status, _past: Past) -> Iterator[Condition]:
    """A VIP that this standby lists, and the known host that serves does not, is on none of them."""
    if _all_told(status):
        others = _Elsewhere(status)
        for vip, router in _missing(status):
            if router["master"] is None or router["state"] != "BACKUP":
                continue
            if not any(each["state"] == "MASTER" for each in others.told_of(router)):
                yield Condition(vip["address"])


def _two_holders(status: Status, _past: Past) -> Iterator[Condition]:
    yield from found(status, "two_holders")


def _second_master(status: Status, _past: Past) -> Iterator[Condition]:
    yield from (Condition(each["name"]) for each in status["virtual_routers"] if each["masters_observed"] > 1)


def _overheard(*kinds: LanKind) -> Find:
    """Return what finds the routers about which something of these kinds is overheard."""

    def find(status: Status, _past: Past) -> Iterator[Condition]:
        told = (each["router"] for each in status["lan_findings"] if each["kind"] in kinds)
        yield from map(Condition, dict.fromkeys(told))

    return find


def _no_standby(status: Status, _past: Past) -> Iterator[Condition]:
    """No other host that is known could take over what this one serves. A drained host need not."""
    drains = [status["drain"], *(None if node["fault"] else node["drained"] for node in status["nodes"])]
    if sum(drain is None for drain in drains) <= 1:
        return
    others = _Elsewhere(status)
    for router in status["virtual_routers"]:
        ready = (each["state"] == "BACKUP" and each["fit"] for each in others.told_of(router))
        if router["state"] == "MASTER" and not any(ready):
            yield Condition(router["name"])


def _fail_open(status: Status, _past: Past) -> Iterator[Condition]:
    for router in status["virtual_routers"]:
        priority = router["priority"]
        if router["state"] == "MASTER" and priority["effective"] == UNFIT_PRIORITY < priority["configured"]:
            yield Condition(router["name"])


def _flapping(status: Status, past: Past) -> Iterator[Condition]:
    """Of a pair, each host takes part in every move: it becomes MASTER, or was it."""
    moves = by_router(event for event in past.counted if "MASTER" in (event.get("from"), event.get("to")))
    for router in status["virtual_routers"]:
        name = router["name"]
        yield from repeated(moves.get(name, ()), COUNTED_FOR, _MOVES, name, status["at"])


RULES: Final = (
    AlertRule("VipNoHolder", True, 30, _no_holder),
    AlertRule("VipTwoHolders", True, 30, _two_holders),
    AlertRule("VipSecondMaster", True, 30, _second_master),
    AlertRule("VipClaimedByOther", True, 30, _overheard(LanKind.TWO_HOLDERS, LanKind.VIP_ANSWERED)),
    AlertRule("VipOtherSpeaker", True, MINUTE, _overheard(LanKind.OTHER_SPEAKER, LanKind.TWO_SPEAKERS)),
    AlertRule("VipServedElsewhere", True, MINUTE, _served_elsewhere),
    AlertRule("VipFailOpen", True, MINUTE, _fail_open),
    AlertRule("VipNoStandby", False, 5 * MINUTE, _no_standby),
    AlertRule("VipFlapping", False, 0, _flapping),
    AlertRule("VipMasterSilent", False, 5 * MINUTE, _overheard(LanKind.SILENT_MASTER)),
)
