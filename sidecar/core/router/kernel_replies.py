"""Answers and notifications of the kernel, and the meaning of its silence."""

from typing import assert_never

from sidecar.core.actions import Action, SenderFound, SendRecovered, VipChanged, Warned
from sidecar.core.events import (
    ActionExpired,
    AdvertSent,
    HookEnded,
    RouterEvent,
    SenderIdentified,
    SendFailed,
    SendTried,
    VipAnswered,
    VipsDropped,
    VipsHeld,
    VipsObserved,
)
from sidecar.core.router.active import ActiveRole
from sidecar.core.router.address_conflict import WINDOW, lost_fight
from sidecar.core.router.state_machine import RouterStateMachine
from sidecar.core.state import Reason, State

_SILENT = "the kernel does not answer requests for addresses"


class KernelReplies:
    """Notes the outcome of each command of a router in its state, and moves the router."""

    def __init__(self, active: ActiveRole, machine: RouterStateMachine, out: list[Action]) -> None:
        self.params = active.params
        self._active = active
        self._machine = machine
        self._out = out
        self.router = active.router

    @property
    def deadline(self) -> float:
        """When `tick` has something to do."""
        return self.router.lease.deadline

    def tick(self, now: float) -> None:
        """Time passed: give up waiting for an answer, or repeat a removal that was refused."""
        lease = self.router.lease
        if lease.give_up(now):
            self._warn("vip", "no_answer", _SILENT)
            if lease.desired:
                self._machine.fault(Reason.VIP, _SILENT, now)
        if lease.retry_due(now):
            self._out.append(lease.drop(now))

    def hear(self, event: RouterEvent, now: float) -> None:
        """The shell reports the outcome of a command, or what it saw in the kernel."""
        match event:
            case VipsHeld(_, asked_at, error):
                self._held(asked_at, error, now)
            case VipsDropped():
                self._dropped(event, now)
            case VipsObserved():
                self._observed(event, now)
            case VipAnswered(_, why):
                self._answered(why, now)
            case SendFailed() | AdvertSent() | SendTried():
                self._hear_of_sending(event, now)
            case ActionExpired():
                self._expired(event, now)
            case SenderIdentified(router, source, mac):
                self._out.append(SenderFound(router, source, mac))
            case HookEnded():
                self.router.hooks.ended(event)
            case _:
                assert_never(event)

    def _hear_of_sending(self, event: SendFailed | AdvertSent | SendTried, now: float) -> None:
        match event:
            case SendFailed():
                self._send_failed(event, now)
            case AdvertSent() | SendTried(_, None):
                self._sent(now)
            case SendTried(_, error):
                self._refused(error or "", now, at_once=True)

    def _held(self, asked_at: float, error: str | None, now: float) -> None:
        """The kernel answered a request to hold the VIPs."""
        if not self.router.lease.held(asked_at, error):
            return
        if error is not None:
            self._machine.fault(Reason.VIP, f"the kernel does not hold the VIP: {error}", now)
        else:
            self._machine.confirm(now)

    def _dropped(self, answer: VipsDropped, now: float) -> None:
        """The kernel answered a request to remove the VIPs. The first one that succeeds is the sweep."""
        error, sweeping = answer.error, not self.router.lease.swept
        if error is not None:
            self._warn("vip", "drop_failed", f"the kernel did not remove the VIP: {error}")
        if sweeping:
            self.router.found |= answer.removed
        if not self.router.lease.dropped(now, error):
            return
        if sweeping and self.router.found:
            self._out.append(VipChanged(self.params.name, "leftover", tuple(sorted(self.router.found))))
            self._active.resign_for_an_earlier_life(now)
        else:
            self._active.resign(now)
        self._machine.settle(now)

    def _observed(self, seen: VipsObserved, now: float) -> None:
        """The kernel's addresses changed, by our hand or by somebody else's."""
        lease, name = self.router.lease, self.params.name
        # Only what was there can go: a restoration that is half done shows the rest still missing.
        removed = lease.owned - seen.owned
        lease.owned, lease.duplicate = seen.owned, seen.duplicate
        if seen.foreign - lease.foreign:
            found = tuple(sorted({foreign.address for foreign in seen.foreign}))
            self._out.append(VipChanged(name, "foreign", found))
        lease.foreign, lease.obstacle = seen.foreign, seen.obstacle
        lease.unreachable = seen.unreachable
        if self.router.state is State.MASTER and removed and not seen.foreign:
            self._out.append(VipChanged(name, "removed", tuple(sorted(removed))))
            if not self._active.restore(now):
                link = self.router.link
                device = self.params.interface if link is None or not link.name else link.name
                self._machine.fault(Reason.VIP, lost_fight(device), now, retry=WINDOW)
        elif seen.owned and not lease.desired and lease.settled and lease.swept:
            self._out.append(VipChanged(name, "leftover", tuple(sorted(seen.owned))))
            self._out.append(lease.drop(now))
        self._machine.settle(now)

    def _answered(self, why: str, now: float) -> None:
        """Another machine has a VIP. Only a host that has not served yet holds back: a failover must not."""
        self.router.answered = "" if self.router.claims else why
        self._machine.settle(now)

    def _send_failed(self, failed: SendFailed, now: float) -> None:
        """The kernel refused a packet. Some peers that cannot be reached are not all of them."""
        self._warn("vrrp", "send_failed", failed.error)
        if failed.heard:
            self._sent(now)
        elif failed.unheard and self.router.state is State.MASTER:
            self._refused(failed.error, now, at_once=self._machine.contested)

    def _refused(self, error: str, now: float, *, at_once: bool) -> None:
        """An advertisement, or the trial of one, was refused."""
        if self.router.sending.refused(error, now, at_once=at_once):
            self._warn("vrrp", "mute", f"no other host can hear this one: {error}")
            self._machine.muted(now)

    def _sent(self, now: float) -> None:
        """An advertisement, or the trial of one, was sent."""
        self._machine.heard()
        if self.router.sending.succeeded(now):
            self._out.append(SendRecovered(self.params.name))

    def _expired(self, event: ActionExpired, now: float) -> None:
        """A command came too late to be carried out: this process did not run between deciding and acting."""
        asked = event.action == "HoldVips"
        if asked:
            self.router.lease.lost()
        # Of a takeover only the request counts: a late word of an earlier claim does not end it.
        if asked or self.router.state is State.MASTER:
            detail = f"{event.action} came {event.late:.2f} s too late: somebody else may serve"
            self._machine.step_down(Reason.STALL, detail, now)

    def _warn(self, component: str, reason: str, detail: str) -> None:
        self._out.append(Warned(self.params.name, component, reason, detail))
