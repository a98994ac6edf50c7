"""What the core reports and what the shell performed, as log lines and counters."""

from collections.abc import Iterable
from math import inf
from typing import Final, assert_never

from structlog.typing import FilteringBoundLogger

from sidecar.core.actions import (
    Action,
    AdvertAccepted,
    Announce,
    CheckChanged,
    CheckFinished,
    Command,
    DropVips,
    HoldVips,
    Identify,
    PacketDropped,
    PrioritizeSenders,
    Resigned,
    SendAdvert,
    SenderFound,
    SendRecovered,
    TakeoverTimed,
    TimerFired,
    Transition,
    TrySending,
    VipChanged,
    Warned,
)
from sidecar.core.state import State
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.quiet import Quiet

REMINDER: Final = 86400.0
"""Seconds between two warnings about the same certificate."""

LOUD: Final = frozenset({"fail_open", "mute"})
"""Reasons of warnings that are as loud as an error: the node serves although it is unfit, or is not heard."""


class Reporter:
    """Counts and logs; nothing here waits. Safe from any thread: a race costs at worst a repeated line."""

    def __init__(self, metrics: Metrics, log: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._log = log
        self._quiet = Quiet()
        self._reminded: dict[str, float] = {}

    def note(self, now: float, actions: Iterable[Action]) -> None:
        """Take the actions of one step. Commands are counted by `performed`, when they have succeeded."""
        for action in actions:
            match action:
                case Transition() | Resigned() | SendRecovered():
                    self._election(action)
                case AdvertAccepted():
                    self._advert(action)
                case PacketDropped() | SenderFound():
                    self._stranger(action)
                case CheckFinished() | CheckChanged():
                    self._check(action, now)
                case VipChanged():
                    self._vip(action)
                case TimerFired() | TakeoverTimed():
                    self._duration(action)
                case Warned():
                    self._warning(action, now)
                case (
                    HoldVips()
                    | DropVips()
                    | SendAdvert()
                    | TrySending()
                    | Announce()
                    | Identify()
                    | PrioritizeSenders()
                ):
                    pass
                case _:
                    assert_never(action)

    def performed(self, command: Command) -> None:
        """Count a command that the kernel accepted."""
        match command:
            case SendAdvert():
                name = "vrrp_adverts_sent_total" if command.priority else "vrrp_priority_zero_sent_total"
                self._metrics.count(name, command.router, amount=len(command.packets))
                self._log.debug("advert_sent", router=command.router, priority=command.priority)
            case Announce():
                self._metrics.count(
                    "announcements_sent_total", command.router, command.protocol, amount=len(command.frames)
                )
            case HoldVips() | DropVips() | TrySending() | Identify() | PrioritizeSenders():
                pass

    def restarted(self, check: str, result: str, detail: str, *, quiet: bool) -> None:
        """Count a try to restart a container, and log it unless it is `quiet`."""
        self._metrics.count("container_restarts_total", check, result)
        if not quiet:
            write = self._log.info if result == "ok" else self._log.warning
            write("container_restart", check=check, result=result, detail=detail)

    def _transition(self, report: Transition) -> None:
        self._metrics.count("vrrp_transitions_total", report.router, report.old, report.new, report.reason)
        write = self._log.warning if report.new is State.FAULT else self._log.info
        states = {"from": report.old.value, "to": report.new.value}
        write("transition", router=report.router, **states, reason=report.reason.value, detail=report.detail)

    def _election(self, report: Transition | Resigned | SendRecovered) -> None:
        if isinstance(report, Transition):
            self._transition(report)
        elif isinstance(report, Resigned):
            self._log.info("resigned", router=report.router, detail=f"priority 0 was said: {report.detail}")
        else:
            self._log.info("send", router=report.router, detail="advertisements can be sent again")

    def _advert(self, report: AdvertAccepted) -> None:
        name = "vrrp_adverts_received_total" if report.priority else "vrrp_priority_zero_received_total"
        self._metrics.count(name, report.router)
        if report.gap is not None:
            self._metrics.observe("vrrp_advert_interarrival_seconds", report.router, seconds=report.gap)
        self._log.debug(
            "advert_received", router=report.router, source=str(report.source), priority=report.priority
        )

    def _stranger(self, report: PacketDropped | SenderFound) -> None:
        if isinstance(report, SenderFound):
            mac = "unknown" if report.mac is None else report.mac.hex(":")
            self._log.warning("sender", router=report.router, source=str(report.source), mac=mac)
            return
        labels = report.router or "", report.reason
        self._metrics.count("vrrp_adverts_dropped_total", *labels, amount=report.amount)
        self._log.debug(
            "packet_dropped",
            router=report.router,
            interface=report.interface,
            source=str(report.source) if report.source else None,
            reason=str(report.reason),
            amount=report.amount,
        )

    def _check(self, report: CheckFinished | CheckChanged, now: float) -> None:
        if isinstance(report, CheckChanged):
            write = self._log.info if report.up else self._log.warning
            write("check", check=report.check, kind=report.kind, up=report.up, detail=report.detail)
            return
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

    def _remind(self, report: CheckFinished, now: float) -> None:
        """Warn of what will be a failure one day: of each check once a day."""
        if now - self._reminded.get(report.check, -inf) < REMINDER:
            return
        self._reminded[report.check] = now
        reason, detail = "certificate", f"check {report.check}: {report.result.measured.warning}"
        self._metrics.error("checks", reason)
        self._log.warning("warning", component="checks", reason=reason, router=None, detail=detail)

    def _duration(self, report: TimerFired | TakeoverTimed) -> None:
        if isinstance(report, TimerFired):
            lateness = max(0.0, report.lateness)
            self._metrics.observe("timer_lateness_seconds", report.timer, seconds=lateness)
            return
        labels = (report.router, report.phase)
        self._metrics.observe("takeover_duration_seconds", *labels, seconds=report.seconds)

    def _vip(self, report: VipChanged) -> None:
        vips = [str(vip) for vip in report.vips]
        self._metrics.count("vip_external_changes_total", report.router, report.change, amount=len(vips))
        self._log.warning("vip", router=report.router, change=report.change, vips=vips)

    def _warning(self, report: Warned, now: float) -> None:
        self._metrics.error(report.component, report.reason)
        suppressed = self._quiet.suppressed(report, now)
        if suppressed is None:
            return
        write = self._log.error if report.reason in LOUD else self._log.warning
        source = {} if report.source is None else {"source": str(report.source)}
        write(
            "warning",
            component=report.component,
            reason=report.reason,
            router=report.router,
            detail=report.detail,
            **source,
            **({"suppressed": suppressed} if suppressed else {}),
        )
