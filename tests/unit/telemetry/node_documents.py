"""Status documents of another host, made by hand."""

import json
from typing import Any

from sidecar.telemetry.node_document import NodeTold, read


def document(*, router: dict[str, Any] | None = None, owned: bool = False, **changes: Any) -> dict[str, Any]:
    """Return that of a healthy standby, with changes."""
    standby = {
        "name": "web",
        "vrid": 51,
        "state": "BACKUP",
        "since": 1_790_000_000.0,
        "reason": "10.77.0.11 advertised priority 250, ours was 240",
        "priority": {"configured": 240, "effective": 240},
        "addresses": [{"address": "10.77.0.100/32", "desired": owned, "owned": owned}],
    }
    return {
        "node": "b",
        "version": "1.0.0",
        "config_hash": "9f3a",
        "stopping": False,
        "loop": {"alive": True, "beat_age_seconds": 0.1, "picture_age_seconds": 0.0},
        "virtual_routers": [standby | (router or {})],
    } | changes


def told(*, router: dict[str, Any] | None = None, owned: bool = False, **changes: Any) -> NodeTold:
    """Return what is read of it."""
    return read(json.dumps(document(router=router, owned=owned, **changes)).encode())


def master(since: float = 1_790_000_000.0, **router: Any) -> NodeTold:
    """Return what a host says that holds the VIP."""
    return told(router={"state": "MASTER", "since": since} | router, owned=True)
