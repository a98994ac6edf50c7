"""The running sidecar, asked."""

import json
import time
from http import HTTPStatus
from typing import Any

import pytest

from sidecar.doctor.evidence import Removals
from sidecar.doctor.problem import Unseen
from sidecar.doctor.readers.status import NotReady, read_removed, read_status
from sidecar.telemetry.events.kinds import BY_NAME


def test_the_document_is_read_or_its_absence_is_said() -> None:
    assert read_status(lambda _: (HTTPStatus.OK, json.dumps({"node": "a"}).encode()))["node"] == "a"
    with pytest.raises(NotReady, match="starting"):
        read_status(lambda _: (HTTPStatus.SERVICE_UNAVAILABLE, b"starting: nothing decided yet\n"))


def test_removals_by_others_within_a_day_are_counted_by_router() -> None:
    def removed(router: str, at: float) -> dict[str, Any]:
        return {"event": "vip_removed", "router": router, "vips": ["192.0.2.100"], "at": at}

    events = [
        removed("web", 900.0),
        {"event": "started", "at": 910.0},
        removed("api", 930),
        removed("web", 940),
    ]
    asked = []

    def get(path: str) -> tuple[int, bytes]:
        asked.append(path)
        return HTTPStatus.OK, json.dumps({"now": 1000.0, "events": events}).encode()

    began = time.time()
    assert read_removed(get) == {"web": Removals(2, 60.0), "api": Removals(1, 70.0)}
    since = float(asked[0].removeprefix("/events.json?since="))
    assert began - 86400.01 <= since <= time.time() - 86399.99
    assert {"router", "vips"} <= set(BY_NAME["vip_removed"].fields)


def test_events_that_are_not_told_are_not_seen() -> None:
    said = read_removed(lambda _: (HTTPStatus.SERVICE_UNAVAILABLE, b"starting: events are not kept yet\n"))
    assert said == Unseen("the events of the sidecar cannot be read: starting: events are not kept yet")
