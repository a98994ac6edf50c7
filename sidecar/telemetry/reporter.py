"""Events as log lines, and the counts of this process. Counts of the router come as totals."""

from collections.abc import Callable, Iterable
from math import inf
from typing import Final

from structlog.typing import FilteringBoundLogger

from sidecar.core.actions import (
    AdoptionDecided,
    Resigned,
    SenderFound,
    SendRecovered,
    Transition,
    VipChanged,
    Warned,
)
from sidecar.core.health.reports import CheckChanged, CheckFinished
from sidecar.core.state import Adoption, State
from sidecar.log_rate_limit import LogRateLimit
from sidecar.telemetry.log_events import trouble_event
from sidecar.telemetry.metrics import Metrics

REMINDER: Final = 86400.0
"""Seconds between two warnings about the same certificate."""

LOUD: Final = frozenset({"fail_open", "mute"})
"""Reasons of warnings that are as loud as an error: the node serves although it is unfit, or is not heard."""

Told = (
    Transition | AdoptionDecided | Resigned | SendRecovered | SenderFound | CheckChanged | VipChanged | Warned
)
"""Reports that the router tells one by one."""


class Reporter:
    """Counts and logs; nothing here waits. Safe from any thread: a race costs at worst a repeated line."""

    def __init__(self, metrics: Metrics, log: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._log = log
        self._limit = LogRateLimit()
        self._reminded: dict[str, float] = {}

    def told(self, report: Told, suppressed: int = 0, log: FilteringBoundLogger | None = None) -> None:
        """Write a line about what the router reports. It has counted it already."""
        log = self._log if log is None else log
        match report:
            case Transition():
                _transition(report, log)
            case AdoptionDecided():
                _adoption(report, log)
            case Resigned(router, detail):
                log.info("resigned", router=router, detail=f"priority 0 was said: {detail}")
            case SendRecovered(router):
                log.info("send_recovered", router=router, detail="advertisements can be sent again")
            case SenderFound(router, source, mac):
                shown = "unknown" if mac is None else mac.hex(":")
                log.warning("unexpected_sender", router=router, source=str(source), mac=shown)
            case CheckChanged(check, kind, up, detail):
                write = log.info if up else log.warning
                write("check_up" if up else "check_down", check=check, kind=kind, detail=detail)
            case VipChanged(router, change, vips):
                event = f"vip_{change}"
                log.warning(event, router=router, vips=[str(vip) for vip in vips])
            case Warned():
                _warning(report, suppressed, log)

    def trouble(self, component: str, reason: str, detail: str, now: float) -> None:
        """Count and log something that went wrong in this process and is being mended."""
        self._metrics.error(component, reason)
        warned = Warned(None, component, reason, detail)
        suppressed = self._limit.suppressed(warned, now)
        if suppressed is not None:
            _warning(warned, suppressed, self._log)

    def finished(self, report: CheckFinished, now: float) -> None:
        """Count a run of a check."""
        result = report.result
        self._metrics.count("check_results_total", report.check, report.kind, result.outcome)
        # An event took no time: it would only fill the lowest bucket.
        if result.seconds > 0:
            self._metrics.observe("check_duration_seconds", report.check, report.kind, seconds=result.seconds)
        if result.measured.warning:
            self._remind(report, now)
        # Only where the names are known: a label is never made from what a target did.
        if report.kind == "http":
            for phase, seconds in result.measured.phases:
                self._metrics.observe("check_phase_duration_seconds", report.check, phase, seconds=seconds)
        self._log.debug("check_run", check=report.check, result=result.outcome.value, detail=result.detail)

    def restarted(self, check: str, result: str, detail: str, *, quiet: bool) -> None:
        """Count a try to restart a container, and log it unless it is `quiet`."""
        self._metrics.count("container_restarts_total", check, result)
        if not quiet:
            write = self._log.info if result == "ok" else self._log.warning
            write("container_restart", check=check, result=result, detail=detail)

    def keep(self, checks: Iterable[str]) -> None:
        """Forget what was said about other checks: they are gone."""
        here = set(checks)
        self._reminded = {check: at for check, at in self._reminded.items() if check in here}

    def _remind(self, report: CheckFinished, now: float) -> None:
        """Warn of what will be a failure one day: of each check once a day."""
        if now - self._reminded.get(report.check, -inf) < REMINDER:
            return
        self._reminded[report.check] = now
        reason, detail = "certificate", f"check {report.check}: {report.result.measured.warning}"
        self._metrics.error("checks", reason)
        self._log.warning(
            trouble_event("checks", reason), component="checks", reason=reason, router=None, detail=detail
        )


def _transition(report: Transition, log: FilteringBoundLogger) -> None:
    write: Callable[..., object] = log.warning if report.new is State.FAULT else log.info
    states = {"from": report.old.value, "to": report.new.value}
    took = {} if report.seconds is None else {"took_ms": round(report.seconds * 1000, 1)}
    reason = report.reason.value
    write("transition", router=report.router, **states, reason=reason, detail=report.detail, **took)


def _adoption(report: AdoptionDecided, log: FilteringBoundLogger) -> None:
    if report.result is Adoption.ADOPTED:
        log.info("adopted", router=report.router, detail=report.detail)
        return
    detail = f"the VIPs of an earlier process are here and will be removed: {report.detail}"
    log.warning("not_adopted", router=report.router, result=report.result.value, detail=detail)


def _warning(report: Warned, suppressed: int, log: FilteringBoundLogger) -> None:
    write: Callable[..., object] = log.error if report.reason in LOUD else log.warning
    source = {} if report.source is None else {"source": str(report.source)}
    write(
        trouble_event(report.component, report.reason),
        component=report.component,
        reason=report.reason,
        router=report.router,
        detail=report.detail,
        **source,
        **({"suppressed": suppressed} if suppressed else {}),
    )
