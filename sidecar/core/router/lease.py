"""The VIPs of one router in the kernel: what we asked for, what it answered, how long it lasts.

The kernel holds the addresses with a finite lifetime, so they vanish by themselves when nobody
renews them: killed, frozen and wedged processes lose the VIP without any help. The lease counts
from the moment of asking, which is never later than what the kernel counts from.

Commands are answered in the order they were given. An answer counts only when no newer command
is under way. One that comes after it was given up is not taken for that of the command that followed.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Vip
from sidecar.core.events import ForeignVip
from sidecar.core.params import RouterParams

ANSWER_TIMEOUT: Final = 1.0
"""Seconds after which a kernel that has not answered counts as one that refused."""
ASLEEP: Final = 0.25
"""Seconds by which we may look too late for an answer and still blame the kernel and not ourselves."""
RETRY: Final = 0.1
"""Seconds between two attempts to remove addresses."""


@dataclass(slots=True)
class Lease:
    """`desired` is what the election wants, `owned` what the kernel last said."""

    params: RouterParams
    desired: bool = False
    owned: frozenset[Vip] = frozenset()
    foreign: frozenset[ForeignVip] = frozenset()
    duplicate: frozenset[Vip] = frozenset()
    unreachable: frozenset[Vip] = frozenset()
    """VIPs whose subnet the host does not reach by that interface."""
    obstacle: str = ""
    """Why the kernel cannot have the VIPs here at all, if so."""
    until: float = -inf
    stuck: bool = False
    """The kernel has refused to remove the VIPs and has not done it since."""
    swept: bool = False
    """The kernel has confirmed a removal, so leftovers of an earlier life are gone."""
    _asked_at: float = -inf
    _answer_by: float = inf
    _under_way: int = 0
    _retry_at: float = inf

    @property
    def settled(self) -> bool:
        """Whether every command was answered and nothing is left to do."""
        return self._under_way == 0 and self._retry_at == inf

    @property
    def deadline(self) -> float:
        """When something is due: a missing answer, or another attempt to remove."""
        return min(self._retry_at, self._answer_by if self._under_way else inf)

    def give_up(self, now: float) -> bool:
        """Stop waiting for a kernel that owes an answer for too long. Return whether that is so.

        After a stall the command may have been sent just now: then the time-out begins anew.
        """
        if not self._under_way or now < self._answer_by:
            return False
        if now >= self._answer_by + ASLEEP:
            self._answer_by = now + ANSWER_TIMEOUT
            return False
        self._under_way = 0
        if not self.desired:
            self._retry_at = now + RETRY
        return True

    def renewal_due(self, now: float) -> bool:
        """Whether a beat should renew: every beat, but not more than four times in a lease."""
        return self._under_way == 0 and now - self._asked_at >= self.params.lease / 4

    def adopt(self, until: float) -> None:
        """The kernel has all VIPs from an earlier process, until then at least: nothing is swept."""
        self.desired = self.swept = True
        self.until = until

    def hold(self, now: float, not_after: float, record: int) -> HoldVips:
        """Ask for the VIPs, or for more time. `record` is for the next process (lease_record.py)."""
        self.desired = True
        self.stuck = False
        self._ask(now)
        p = self.params
        return HoldVips(p.name, p.vip_interface, p.addresses, p.lease, not_after, p.accepts, record)

    def drop(self, now: float) -> DropVips:
        """Ask for their removal."""
        self.desired = False
        self.until = -inf
        self._ask(now)
        return DropVips(self.params.name, self.params.vip_interface, self.params.addresses)

    def held(self, asked_at: float, error: str | None) -> bool:
        """Take the answer to `hold`. Return whether it is the newest word and still wanted."""
        self._answered(newest=self.desired)
        if not self.desired or self._under_way:
            return False
        if error is None:
            self.until = asked_at + self.params.lease
            self.owned = frozenset(self.params.addresses)
        return True

    def dropped(self, now: float, error: str | None) -> bool:
        """Take the answer to `drop`. Return whether the VIPs are gone and must stay gone."""
        self._answered(newest=not self.desired)
        if self.desired or self._under_way:
            return False
        self.stuck = error is not None
        if self.stuck:
            self._retry_at = now + RETRY
            return False
        self.owned = frozenset()
        self.swept = True
        return True

    def lost(self) -> None:
        """Note that a request to hold was not carried out."""
        self._answered(newest=self.desired)

    def retry_due(self, now: float) -> bool:
        """Whether to try again to remove."""
        return now >= self._retry_at

    def _ask(self, now: float) -> None:
        self._asked_at = now
        self._answer_by = now + ANSWER_TIMEOUT
        self._under_way += 1
        self._retry_at = inf

    def _answered(self, *, newest: bool) -> None:
        """Count an answer. `newest`: of the kind of the newest command; if not, that one is still due."""
        least = 0 if newest else min(1, self._under_way)
        self._under_way = max(least, self._under_way - 1)
