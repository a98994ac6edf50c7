"""Events of pools, as log lines and counters."""

from collections.abc import Iterable
from math import inf
from typing import Final, assert_never

from structlog.typing import FilteringBoundLogger

from sidecar.core.pool.events import (
    Drifted,
    JudgingChanged,
    ModeChanged,
    NameChanged,
    PoolReport,
    Reloaded,
    ReloadResult,
    ServerChanged,
    ServerProbed,
)
from sidecar.core.pool.upstream import Mode
from sidecar.telemetry.metrics import Metrics

QUIET: Final = 60.0
"""Seconds between two log lines about the same failure of a pool. The counters count every time."""


class PoolReporter:
    """Counts and logs; nothing here waits. Called from the pools thread alone."""

    def __init__(self, metrics: Metrics, log: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._log = log
        self._failed: dict[str, tuple[str, float]] = {}

    def note(self, now: float, reports: Iterable[PoolReport]) -> None:
        """Take what happened at `now`."""
        for report in reports:
            match report:
                case ServerProbed():
                    self._probed(report)
                case ServerChanged():
                    self._changed(report)
                case ModeChanged():
                    self._mode(report)
                case JudgingChanged():
                    self._judging(report)
                case NameChanged():
                    self._name(report)
                case Reloaded():
                    self._reloaded(report, now)
                case Drifted(pool, detail):
                    self._metrics.error("pools", "drift")
                    self._log.warning("pool_drift", pool=pool, detail=detail)
                case _:
                    assert_never(report)

    def _probed(self, report: ServerProbed) -> None:
        result = report.result
        self._metrics.count("pool_check_results_total", report.pool, result.outcome)
        if result.seconds > 0:
            self._metrics.observe("pool_check_duration_seconds", report.pool, seconds=result.seconds)
        self._log.debug("pool_probe", pool=report.pool, server=report.server, result=result.outcome.value)

    def _changed(self, report: ServerChanged) -> None:
        self._metrics.count("pool_server_changes_total", report.pool, "up" if report.up else "down")
        write = self._log.info if report.up else self._log.warning
        name = "server_up" if report.up else "server_down"
        write(name, pool=report.pool, server=report.server, detail=report.detail)

    def _mode(self, report: ModeChanged) -> None:
        write = self._log.info
        if report.mode is not Mode.NORMAL:
            self._metrics.error("pools", report.mode)
            write = self._log.error
        write("pool_mode", pool=report.pool, mode=report.mode.value, detail=report.detail)

    def _judging(self, report: JudgingChanged) -> None:
        if not report.cut_off:
            detail = "no longer cut off: its servers are judged again"
            self._log.info("pool_rejoined", pool=report.pool, detail=detail)
            return
        self._metrics.error("pools", "cut_off")
        detail = "this host is cut off: its servers are not judged"
        self._log.warning("pool_cut_off", pool=report.pool, cut_off=report.cut_off, detail=detail)

    def _name(self, report: NameChanged) -> None:
        if report.addresses:
            addresses = list(report.addresses)
            self._log.info("name_resolved", pool=report.pool, name=report.host, addresses=addresses)
            return
        self._metrics.error("pools", "unresolved")
        self._log.warning("name_unresolved", pool=report.pool, name=report.host, detail=report.detail)

    def keep(self, pools: Iterable[str]) -> None:
        """Forget what was said about other pools: they are gone."""
        here = set(pools)
        self._failed = {pool: failed for pool, failed in self._failed.items() if pool in here}

    def _reloaded(self, report: Reloaded, now: float) -> None:
        self._metrics.count("pool_reloads_total", report.pool, report.result)
        facts = {"pool": report.pool, "generation": report.generation, "result": report.result.value}
        took = round(report.seconds * 1000)
        if report.counts:
            self._metrics.count("nginx_reloads_total", report.result)
        if report.result is ReloadResult.LIVE:
            self._failed.pop(report.pool, None)
            self._metrics.observe("pool_rollout_duration_seconds", report.pool, seconds=report.seconds)
            serving = sorted(report.in_service)
            self._log.info("pool_changed", **facts, serving=serving, reason=report.reason, took_ms=took)
            return
        self._metrics.error("pools", report.result)
        detail, since = self._failed.get(report.pool, ("", -inf))
        if detail != report.detail or now - since >= QUIET:
            self._failed[report.pool] = report.detail, now
            self._log.error("pool_changed", **facts, reason=report.reason, detail=report.detail)
