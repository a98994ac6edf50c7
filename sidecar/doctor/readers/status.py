"""The running sidecar, asked through its control socket."""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, cast

from sidecar.doctor.problem import Unseen
from sidecar.telemetry.document import Status

Get = Callable[[str], tuple[int, bytes]]
"""Asks for a path; returns HTTP status and body."""

_REMOVED: Final = re.compile(r"^vipsidecar_vip_external_changes_total\{([^}]*)\} ([0-9.e+]+)$", re.MULTILINE)
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')


class NotReady(Exception):  # noqa: N818 - it is a state of affairs
    """The sidecar answers, and has no status to tell; the text is its answer."""


def read_status(get: Get) -> Status:
    """Return the status. Raises NotReady, and what `get` raises."""
    code, body = get("/status.json")
    if code != HTTPStatus.OK:
        raise NotReady(body.decode(errors="replace").strip())
    return cast("Status", json.loads(body))


def read_removed(get: Get) -> dict[str, int] | Unseen:
    """Return how often others have removed a VIP since the start, by router. Raises what `get` raises."""
    code, body = get("/metrics")
    if code != HTTPStatus.OK:
        return Unseen(f"the counters of the sidecar cannot be read: {code}")
    found: dict[str, int] = {}
    for labels, value in _REMOVED.findall(body.decode(errors="replace")):
        said = dict(_LABEL.findall(labels))
        if said.get("change") == "removed":
            found[said["router"]] = found.get(said["router"], 0) + int(float(value))
    return found
