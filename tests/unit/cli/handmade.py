"""A status document that was made by hand."""

from typing import Any, cast

from sidecar.telemetry.document import Status


def status(
    *,
    router: dict[str, Any] | None = None,
    check: dict[str, Any] | None = None,
    owned: bool = True,
    **changes: Any,
) -> Status:
    """Return a healthy master, with changes."""
    document = {
        "node": "a",
        "version": "1.0.0",
        "revision": "abc123",
        "uptime_seconds": 93784.0,
        "config_hash": "9f3a",
        "config_reload_successful": True,
        "stopping": False,
        "loop": {"alive": True, "beat_age_seconds": 0.1, "picture_age_seconds": 0.0},
        "docker_connected": None,
        "virtual_routers": [
            {
                "name": "web",
                "vrid": 51,
                "interface": "eth0",
                "device": "eth0",
                "version": 3,
                "mode": "multicast",
                "state": "MASTER",
                "since": 1_790_000_000.0,
                "reason": "no advertisement of 10.77.0.12 for 3.06 s",
                "priority": {"configured": 250, "effective": 250},
                "addresses": [{"address": "10.77.0.100/32", "desired": owned, "owned": owned, "mac": None}],
                "master": {"source": "10.77.0.11", "priority": 250, "last_advert_age_seconds": 0.2},
                "master_down_interval_seconds": 3.02,
                "masters_observed": 1,
                "hold_down_seconds": None,
                "hosts": None,
                "other_hosts": [],
                "claims": [],
                "cannot_send": None,
            }
            | (router or {})
        ],
        "checks": [
            {
                "name": "http",
                "kind": "http",
                "up": True,
                "detail": "200 in 3 ms",
                "since": 1_790_000_000.0,
                "age_seconds": 0.4,
                "certificate_expires": None,
            }
            | (check or {})
        ],
    }
    return cast("Status", document | changes)
