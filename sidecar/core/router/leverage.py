"""Whether the weights of checks can move the VIP at all, as far as an advertisement shows.

No host knows the priority of the others until it hears them as MASTER. A backup then sees
enough for one sentence, provided that the hosts share their checks: if a master would still win
after losing every weighted check, while we have lost none, then the weights decide nothing.
"""

from dataclasses import dataclass, field

from sidecar.core.actions import Warned
from sidecar.core.address import Address
from sidecar.core.params import RouterParams
from sidecar.core.priorities import HIGHEST_FIT, LOWEST_FIT
from sidecar.core.router.peers import REMEMBERED


@dataclass(slots=True)
class Leverage:
    """Warns once of each master that weights cannot bring down."""

    params: RouterParams
    _warned: set[Address] = field(default_factory=set)

    def weigh(self, source: Address, priority: int) -> list[Warned]:
        """Take the priority that a master advertises; return the warning if it is news."""
        p, reach = self.params, sum(map(abs, self.params.weights))
        # An owner is beyond weights by design, and who is sick or held down shows no priority of its own.
        if not reach or not LOWEST_FIT < priority <= HIGHEST_FIT or source in self._warned:
            return []
        if priority - reach < p.best or len(self._warned) >= REMEMBERED:
            return []
        self._warned.add(source)
        detail = (
            f"weights cannot move the VIP: {source} has priority {priority}, and with every weighted check "
            f"down still {priority - reach}, no less than our {p.best} with all of them up; "
            f"let the weights add up to more than {priority - p.best}"
        )
        return [Warned(p.name, "election", "weights", detail)]
