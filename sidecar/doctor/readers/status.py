"""The running sidecar, asked through its control socket."""

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, cast

from sidecar.doctor.evidence import Removals
from sidecar.doctor.problem import Unseen
from sidecar.telemetry.document import Status

Get = Callable[[str], tuple[int, bytes]]
"""Asks for a path; returns HTTP status and body."""

_PAST: Final = 24 * 3600.0
"""Seconds for which a removal counts: a network manager may act when a lease of a day is renewed."""


class NotReady(Exception):  # noqa: N818 - it is a state of affairs
    """The sidecar answers, and has no status to tell; the text is its answer."""


def read_status(get: Get) -> Status:
    """Return the status. Raises NotReady, and what `get` raises."""
    code, body = get("/status.json")
    if code != HTTPStatus.OK:
        raise NotReady(body.decode(errors="replace").strip())
    return cast("Status", json.loads(body))


def read_removed(get: Get) -> dict[str, Removals] | Unseen:
    """Return when others have removed a VIP of late, by router. Raises what `get` raises."""
    code, body = get(f"/events.json?since={time.time() - _PAST:.3f}")
    if code != HTTPStatus.OK:
        return Unseen(f"the events of the sidecar cannot be read: {body.decode(errors='replace').strip()}")
    told = json.loads(body)
    found: dict[str, Removals] = {}
    for event in told["events"]:
        if event["event"] == "vip_removed":
            before = found.get(event["router"], Removals(0, 0.0))
            found[event["router"]] = Removals(before.times + 1, max(0.0, told["now"] - event["at"]))
    return found
