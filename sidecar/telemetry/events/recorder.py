"""From what is reported to events: names, causes, and how long what ended had lasted."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from sidecar.channel.down import Line, Report
from sidecar.core.actions import (
    AdoptionDecided,
    Resigned,
    SenderFound,
    SendRecovered,
    Transition,
    VipChanged,
    Warned,
)
from sidecar.core.health.reports import CheckChanged
from sidecar.core.pool.events import ModeChanged, PoolReport, Reloaded, ServerChanged
from sidecar.core.state import Adoption
from sidecar.telemetry.events.budget import Budget
from sidecar.telemetry.events.failures import FailureTimes
from sidecar.telemetry.signs_of_life import EVERY as SIGN_EVERY

MOST: Final = 120
"""Events of one subject in an hour, but transitions: those are all kept."""
MOST_WARNINGS: Final = 20
"""Warnings of one kind in an hour: whoever invents senders must not displace what has happened."""
_LINES: Final = frozenset({"observer_lost", "crash", "stall"})
"""Lines of the router that are events."""
_SUBJECTS: Final = ("router", "check", "pool", "server", "hook")
"""Fields that tell what an event is about."""
_OF_LINES: Final = ("reason", "detail", "seconds")


class Put(Protocol):
    """Keeps an event of this Unix time. `moment`: its time by the clock of the router."""

    def __call__(self, at: float, event: dict[str, Any], moment: float | None = None) -> None:
        """Keep it. Never waits."""


class EventRecorder:
    """For threads of the observer. `wall` returns a time of the router's clock as Unix seconds."""

    def __init__(self, put: Put, wall: Callable[[float], float], failures: FailureTimes) -> None:
        """`failures` knows when checks failed, before there was a verdict."""
        self._failures = failures
        self._put = put
        self._wall = wall
        self._since: dict[tuple[str, ...], float] = {}
        self._budget = Budget(MOST)
        self._warnings = Budget(MOST_WARNINGS)

    def happened(self, now: float, name: str, **fields: Any) -> None:
        """Keep an event of this process."""
        event = {"event": name, "moment": now, **fields}
        if self._within_budget(now, event):
            self._put(self._wall(now), event)

    def node_lost(
        self, now: float, url: str, node: str, detail: str, heard_at: float, *, closed: bool
    ) -> None:
        """Keep that the signs of life of another host ended; the last was heard at `heard_at`."""
        event = {
            "event": "node_lost",
            "moment": now,
            "node": node,
            "url": url,
            "reason": "closed" if closed else "silent",
            "detail": detail,
            "silent_seconds": round(now - heard_at, 6),
            "within_seconds": SIGN_EVERY,
        }
        if self._budget.suppressed(("node_lost", url), now) is not None:
            self._put(self._wall(now), event)

    def told(self, now: float, report: Report, suppressed: int = 0) -> None:
        """Keep what the router reports."""
        if isinstance(report, Warned):
            self._warned(now, report, suppressed)
            return
        event = self._event(now, report)
        if isinstance(report, Transition) or self._within_budget(now, event):
            self._put(self._wall(now), event, moment=now)

    def line(self, now: float, line: Line) -> None:
        """Keep a line of the router that is an event."""
        if line.event in _LINES:
            fields = {key: value for key, value in line.fields if key in _OF_LINES}
            event = {"event": line.event, **fields}
            if self._within_budget(now, event):
                self._put(self._wall(now), event, moment=now)

    def pool(self, now: float, report: PoolReport) -> None:
        """Keep what happened to a pool."""
        match report:
            case ServerChanged(pool, server, up, detail):
                lasted = self._lasted(("server", pool, server), now)
                name = "server_up" if up else "server_down"
                event = {"event": name, "pool": pool, "server": server, "detail": detail, **lasted}
            case ModeChanged(pool, mode, detail):
                event = {"event": "pool_mode", "pool": pool, "mode": mode.value, "detail": detail}
            case Reloaded():
                event = {
                    "event": "pool_changed",
                    "pool": report.pool,
                    "result": report.result.value,
                    "reason": report.reason,
                    "detail": report.detail,
                    "generation": report.generation,
                    "serving": sorted(report.in_service),
                    "took_ms": round(report.seconds * 1000),
                }
            case _:
                return
        if self._within_budget(now, event):
            self._put(self._wall(now), event | {"moment": now})

    def _event(self, now: float, report: Report) -> dict[str, Any]:
        match report:
            case Transition(router, old, new, reason, detail, seconds):
                lasted = self._lasted(("router", router), now)
                states = {"from": old.value, "to": new.value, "reason": reason.value}
                took = {} if seconds is None else {"took_ms": round(seconds * 1000, 1)}
                return {"event": "transition", "router": router, **states, "detail": detail, **lasted, **took}
            case AdoptionDecided(router, result, detail):
                name = "adopted" if result is Adoption.ADOPTED else "not_adopted"
                return {"event": name, "router": router, "result": result.value, "detail": detail}
            case Resigned(router, detail):
                return {"event": "resigned", "router": router, "detail": detail}
            case SendRecovered(router):
                return {"event": "send_recovered", "router": router}
            case SenderFound(router, source, mac):
                shown = None if mac is None else mac.hex(":")
                return {"event": "unexpected_sender", "router": router, "source": str(source), "mac": shown}
            case CheckChanged(check, kind, up, detail):
                lasted = self._lasted(("check", check), now)
                name = "check_up" if up else "check_down"
                failed = {} if up else self._failures.fields(check, now)
                return {"event": name, "check": check, "kind": kind, "detail": detail, **lasted, **failed}
            case VipChanged(router, change, vips):
                return {"event": f"vip_{change}", "router": router, "vips": [str(vip) for vip in vips]}
            case Warned():
                return {"event": "warning", "component": report.component, "reason": report.reason}

    def _warned(self, now: float, report: Warned, suppressed: int) -> None:
        key = (report.component, report.reason, report.router or "")
        left_out = self._warnings.suppressed(key, now)
        if left_out is None:
            return
        fields = {
            "router": report.router,
            "source": None if report.source is None else str(report.source),
            "suppressed": left_out + suppressed or None,
        }
        event = self._event(now, report) | {"detail": report.detail}
        known = {name: value for name, value in fields.items() if value is not None}
        self._put(self._wall(now), event | known, moment=now)

    def _within_budget(self, now: float, event: dict[str, Any]) -> bool:
        key = (event["event"], *(str(event.get(name, "")) for name in _SUBJECTS))
        return self._budget.suppressed(key, now) is not None

    def _lasted(self, subject: tuple[str, ...], now: float) -> dict[str, float]:
        before = self._since.get(subject)
        self._since[subject] = now
        return {} if before is None else {"lasted_seconds": round(now - before, 3)}
