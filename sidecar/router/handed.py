"""The plan that an observer is given, and how it counts checks while it exchanges one plan for another."""

from dataclasses import dataclass
from typing import Final

from sidecar.channel.down import Down, PlanPiece
from sidecar.channel.reload import LARGEST_EXCHANGE
from sidecar.core.health.observer_events import ChecksFresh
from sidecar.core.health.params import CheckParams
from sidecar.router.icmp_sockets import IcmpSockets
from sidecar.router.observer_process import Early

_PIECE: Final = 32 * 1024


@dataclass(frozen=True, slots=True)
class Handed:
    """The plan of an observer as bytes, the rules of the checks, and sockets.

    `early`: the first one, if it was started before.
    """

    plan: bytes
    checks: tuple[CheckParams, ...]
    icmp: IcmpSockets
    early: Early | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the checks in their order."""
        return tuple(check.name for check in self.checks)

    @property
    def pieces(self) -> list[Down]:
        """The messages that carry the plan."""
        starts = range(0, max(1, len(self.plan)), _PIECE)
        return [PlanPiece(self.plan[at : at + _PIECE], at == starts[-1]) for at in starts]

    @property
    def fits(self) -> bool:
        """Whether an observer at work can have it."""
        return len(self.plan) <= LARGEST_EXCHANGE

    def in_common(self, other: "Handed") -> list[str]:
        """Return the checks that are in both, and are of the same kind: a verdict on one counts in both."""
        kinds = {check.name: check.kind for check in other.checks}
        return [check.name for check in self.checks if kinds.get(check.name) == check.kind]

    def translated(self, event: ChecksFresh, counted: "Handed") -> ChecksFresh:
        """Return the same results, which were counted as in another plan, counted as in this one."""
        if counted is self:
            return event
        common = set(self.in_common(counted))
        now = {name: index for index, name in enumerate(self.names)}
        named = ((counted.names[index], at) for index, at in event.reports)
        return ChecksFresh(tuple((now[name], at) for name, at in named if name in common))
