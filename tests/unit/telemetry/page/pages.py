"""A page of one host, and what is changed in it."""

from typing import Any

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.build import build
from sidecar.telemetry.page.model import Page, Table
from sidecar.telemetry.page.past import Past
from tests.unit.cli.handmade import status

AT = 1_790_000_100.0
HEARD = {"source": "10.77.0.11", "priority": 250, "last_advert_age_seconds": 0.4}
NEXT = {"step": "follows", "at": None, "in_seconds": None, "sentence": "nothing while 10.77.0.11 is heard"}
STANDBY = {"state": "BACKUP", "master": HEARD}
WAITS = "stands by for web (10.77.0.100)"
DOWN = {"up": False, "detail": "refused"}
DRAIN = {"since": AT, "until": None, "why": "drained by uid 0"}
TOLD = {"name": "web", "vrid": 51, "state": "BACKUP", "fit": True, "owned": []}
TOLD["priority"] = {"configured": 240, "effective": 240}
NODE = {
    "url": "http://10.77.0.12:9650",
    "node": "b",
    "version": "1.0.0",
    "config_hash": "9f3a",
    "same_config": True,
    "age_seconds": 1.0,
    "fault": None,
    "drained": None,
    "virtual_routers": [TOLD],
}


def document(**changes: Any) -> Status:
    router: dict[str, Any] = {"mismatches": [], "hooks": [], "next": NEXT} | changes.pop("router", {})
    whole: dict[str, Any] = {
        "at": AT,
        "nodes": [],
        "node_findings": [],
        "lan_findings": [],
        "pools": [],
        "drain": None,
        "stopping": False,
    } | changes
    return status(router=router, **whole)


def page(*events: dict[str, Any], **changes: Any) -> Page:
    return build(document(**changes), Past(last=tuple({"at": AT} | event for event in events)))


def table(page: Page, kind: str) -> Table:
    (found,) = [each for each in page.tables if each.kind == kind]
    return found
