"""A host whose packets its kernel refuses to send does not serve beside one that is heard."""

from sidecar.core.actions import Command, HoldVips, Transition
from sidecar.core.address import Address
from sidecar.core.events import Event, PacketReceived
from sidecar.core.router.send_health import PROOF
from sidecar.core.state import Reason
from tests.sim.host.host import Host
from tests.sim.monitors.bounds import AT_ONCE
from tests.sim.monitors.history import History
from tests.sim.monitors.record import Record

SHORTLY = 0.1
"""Seconds between a decision and its act at most, if nothing stops the process."""
SURELY_MUTE = 2
"""Packets in a row that could not be sent, after which a host must know that it is not heard."""
SAME_BATCH = 0.02
"""Seconds within which two events can be in one batch of a host that is not stalled."""


class Muteness:
    """Counts what the kernel refused to send."""

    def __init__(self, history: History) -> None:
        self._history = history

    def told(self, host: Host, *, heard: bool) -> None:
        """The kernel has sent an advertisement or a trial, or has refused it. Old refusals are forgotten."""
        record, now = self._history.of(host), self._history.now
        in_a_row = record.unheard if now - record.told_at <= 2 * host.params.routers[0].interval else 0
        record.unheard, record.told_at = 0 if heard else in_a_row + 1, now

    def performed(self, host: Host, command: Command) -> None:
        """A command is being carried out, now."""
        if not isinstance(command, HoldVips):
            return
        egress, master = host.egress, self._history.of(host).master
        mute = egress.sees_trials and self._history.now - egress.mute_since > PROOF + SHORTLY
        if mute and not master and _hears_a_master(host):
            self._history.fail("mute-preempted", f"host {host.number} takes the VIP, and nobody hears it")

    def moved(self, host: Host, transition: Transition) -> None:
        """A host yields because it is not heard: it was not."""
        record = self._history.of(host)
        if transition.reason is Reason.SEND and not record.unheard and not self._told_now(record):
            self._history.fail("muted-though-heard", f"host {host.number} yields")

    def arrives(self, host: Host, event: Event) -> None:
        """A packet reaches a host. A master that nobody hears gives way to any other one."""
        record = self._history.of(host)
        # A packet and the kernel's answer that reach a process together are heard in any order.
        deaf = (
            host.frozen
            or host.process.stalled
            or host.params.routers[0].hmac is not None
            or self._told_now(record)
        )
        mute_master = record.master and record.unheard >= SURELY_MUTE
        if not (mute_master and _is_claim(event, self._history.rogues)) or deaf:
            return
        mark = (record.moves, record.disturbed)

        def judge() -> None:
            if (record.moves, record.disturbed) == mark and record.unheard >= SURELY_MUTE:
                self._history.fail(
                    "mute-stays", f"host {host.number} is MASTER beside another one that it hears"
                )

        self._history.timeline.after(AT_ONCE, judge)

    def _told_now(self, record: Record) -> bool:
        """Whether the process may not have heard yet what became of its last advertisement."""
        return self._history.now - record.told_at < SAME_BATCH


def _hears_a_master(host: Host) -> bool:
    """Whether this host has just heard somebody who serves."""
    if host.node is None:
        return False
    election = host.node._elections["web"]
    master = election.router.peers.master
    return master is not None and host.clock - master.heard_at < 2 * election.router.timer.interval


def _is_claim(event: Event, rogues: frozenset[Address]) -> bool:
    """Whether this is an advertisement of a host that serves."""
    if not isinstance(event, PacketReceived) or event.source in rogues:
        return False
    return len(event.payload) > 2 and event.payload[2] > 0
