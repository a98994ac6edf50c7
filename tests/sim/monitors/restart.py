"""A process that has started takes over nothing from an earlier life but what is proven."""

from math import inf

from sidecar.core.actions import Action, AdoptionDecided, Command, DropVips, HoldVips
from sidecar.core.params import KERNEL_EXPIRY
from sidecar.core.state import Adoption
from tests.sim.host.host import Host
from tests.sim.monitors.adoption_proof import (
    configuration,
    had_results,
    longest_trust,
    must_adopt,
    proof,
    unproven_priority,
)
from tests.sim.monitors.history import History

UNTOLD = 0.5
"""Seconds after which a host surely knows a result, and its kernel does."""


class Restart:
    """Looks at the first acts of each life, and at what the last one has left."""

    def __init__(self, history: History) -> None:
        self._history = history

    def died(self, host: Host) -> None:
        """A process has ended."""
        record = self._history.of(host)
        record.unproven_until = inf if had_results(host) else host.trusted_until
        record.surely_proven = had_results(host, before=UNTOLD) and not host.kernel.late

    def outlasts_a_start(self, host: Host, start: float) -> bool:
        """Whether VIPs of the last life are there for `start` seconds, and run out before peers take over."""
        router = host.params.routers[0]
        # The peers of another virtual router do not hear what is said of this one.
        same = self._history.of(host).held_under == configuration(host.params)
        ends = min(host.kernel.ours.values(), default=0.0)
        there = ends > self._history.now + start
        return same and there and router.lease + KERNEL_EXPIRY <= 3 * router.interval

    def performed(self, host: Host, command: Command) -> None:
        """A command is being carried out, now."""
        record = self._history.of(host)
        if not record.swept and not isinstance(command, DropVips):
            self._history.fail("vip-at-start", f"host {host.number} acts before it has swept")
        undecided = not record.swept or record.adopted_with is not None
        if isinstance(command, DropVips) and undecided and must_adopt(host, record):
            self._history.fail(
                "living-lease-swept", f"host {host.number} gives up what its last life has left it"
            )
        record.swept = True
        if isinstance(command, HoldVips):
            record.held_under, record.held_with = configuration(host.params), _fitness(host)

    def stepped(self, host: Host, actions: list[Action]) -> None:
        """A step is over."""
        for action in actions:
            if isinstance(action, AdoptionDecided):
                self._decided(host, action)
        if unproven_priority(host):
            self._history.fail(
                "unproven-priority", f"host {host.number} contends and has no verdict of its checks"
            )

    def _decided(self, host: Host, decision: AdoptionDecided) -> None:
        """A process that has started goes on with the claim of an earlier one, or does not."""
        history, record = self._history, self._history.of(host)
        history.note(host, decision)
        if decision.result is not Adoption.ADOPTED:
            return
        if not proof(host, record):
            history.fail("adopted-without-proof", f"host {host.number} goes on: {decision.detail}")
        if history.now > record.unproven_until:
            detail = f"host {host.number} has had no verdict for several lives"
            history.fail("adopted-without-proof", detail)
        record.swept = record.master = True
        record.adopted_with = record.held_with
        host.trusted_until = min(record.unproven_until, history.now + longest_trust(host))


def _fitness(host: Host) -> int:
    """Return what the checks of a host have left of its priority."""
    return 0 if host.node is None else host.node._elections["web"].router.fitness.priority
