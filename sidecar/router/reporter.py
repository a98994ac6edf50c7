"""Reports of the core, sorted into counts and lines of the log."""

from collections.abc import Callable, Iterable
from typing import assert_never

from sidecar.channel.down import Noted, Report
from sidecar.channel.send_queue import Importance
from sidecar.core.actions import (
    Action,
    AdoptionDecided,
    AdvertAccepted,
    Announce,
    CancelHook,
    Command,
    DropVips,
    HoldVips,
    Identify,
    PacketDropped,
    PrioritizeSenders,
    Resigned,
    RunHook,
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
from sidecar.core.health.reports import CheckChanged, CheckFinished
from sidecar.core.wire.advert import Drop
from sidecar.log_rate_limit import LogRateLimit
from sidecar.router.tallies import Tallies


class RouterReporter:
    """Counts, and tells what is worth a line. Never a message for each packet."""

    def __init__(self, tallies: Tallies, tell: Callable[[Noted, Importance], None]) -> None:
        self._tallies = tallies
        self._tell = tell
        self._limit = LogRateLimit()

    def note(self, now: float, actions: Iterable[Action]) -> bool:
        """Take the actions of one step. Commands are counted by `performed`, when they have succeeded.

        Return whether a state that people look at has changed.
        """
        changed = False
        for action in actions:
            match action:
                case (
                    Transition()
                    | AdoptionDecided()
                    | Resigned()
                    | SendRecovered()
                    | SenderFound()
                    | CheckChanged()
                    | VipChanged()
                ):
                    self._told(now, action)
                    changed = True
                case Warned():
                    self._warned(now, action)
                case AdvertAccepted() | PacketDropped() | TimerFired() | TakeoverTimed():
                    self._counted(action)
                    changed |= isinstance(action, TakeoverTimed)
                case (
                    HoldVips()
                    | DropVips()
                    | SendAdvert()
                    | TrySending()
                    | Announce()
                    | Identify()
                    | PrioritizeSenders()
                    | RunHook()
                    | CancelHook()
                    | CheckFinished()  # counted where checks run
                ):
                    pass
                case _:
                    assert_never(action)
        return changed

    def keep(self, routers: Iterable[str]) -> None:
        """Forget what was counted and said of other routers: they are gone."""
        here = tuple(routers)
        self._tallies.keep(here)
        self._limit.keep(here)

    def performed(self, command: Command) -> None:
        """Count a command that the kernel accepted."""
        if isinstance(command, SendAdvert):
            name = "vrrp_adverts_sent_total" if command.priority else "vrrp_priority_zero_sent_total"
            self._tallies.count(name, command.router, amount=len(command.packets))
        elif isinstance(command, Announce):
            labels = command.router, command.protocol
            self._tallies.count("announcements_sent_total", *labels, amount=len(command.frames))

    def trouble(self, now: float, component: str, reason: str, detail: str) -> None:
        """Count and tell something that went wrong and is being mended."""
        self._warned(now, Warned(None, component, reason, detail))

    def unread(self, interface: str, reason: Drop, count: int) -> None:
        """Count packets that the kernel threw away."""
        self.note(0.0, [PacketDropped(None, interface, None, reason, count)])

    def _told(self, now: float, report: Report) -> None:
        count = self._tallies.count
        if isinstance(report, Transition):
            count("vrrp_transitions_total", report.router, report.old, report.new, report.reason)
        elif isinstance(report, AdoptionDecided):
            count("vrrp_adoptions_total", report.router, report.result)
        elif isinstance(report, VipChanged):
            count("vip_external_changes_total", report.router, report.change, amount=len(report.vips))
        self._tell(Noted(now, report), Importance.LOUD)

    def _counted(self, report: AdvertAccepted | PacketDropped | TimerFired | TakeoverTimed) -> None:
        count, observe = self._tallies.count, self._tallies.observe
        match report:
            case AdvertAccepted(router, _, priority, gap):
                kind = "adverts" if priority else "priority_zero"
                count(f"vrrp_{kind}_received_total", router)
                if gap is not None:
                    observe("vrrp_advert_interarrival_seconds", router, seconds=gap)
            case PacketDropped(router, _, _, reason, amount):
                count("vrrp_adverts_dropped_total", router or "", reason, amount=amount)
            case TimerFired(_, timer, lateness):
                observe("timer_lateness_seconds", timer, seconds=max(0.0, lateness))
            case TakeoverTimed(router, phase, seconds):
                observe("takeover_duration_seconds", router, phase, seconds=seconds)

    def _warned(self, now: float, report: Warned) -> None:
        self._tallies.count("errors_total", report.component, report.reason)
        suppressed = self._limit.suppressed(report, now)
        if suppressed is not None:
            self._tell(Noted(now, report, suppressed), Importance.LOUD)
