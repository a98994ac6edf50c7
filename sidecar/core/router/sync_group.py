"""Sync groups: virtual routers that move together (keepalived: vrrp_sync_group).

Together means: all members are MASTER here, or none is. Two rules bring that about. A member takes
over only when every other one could too, so the slowest decides; a member that leaves MASTER takes
the others along. A member in FAULT keeps the others in BACKUP by the first rule:
if the kernel has refused them, it is asked again before the others take theirs from whoever serves. A cut
in one of two networks moves nothing: the members that still hear their master do not want to take over.
Prefering BACKUP is what keeps two hosts from swapping halves of a group for ever.

The order of priorities must be the same for all members, or no host can win all of them.
"""

from math import inf
from typing import Protocol

from sidecar.core.hook import Hook
from sidecar.core.router.outlook import Contender
from sidecar.core.state import Reason, State


class Member(Contender, Protocol):
    """The interface of a router for its group."""

    def follow(self, leaver: str, reason: Reason, now: float) -> None:
        """Another member has left MASTER: do the same."""


class SyncGroup:
    """Some routers, or a single one that syncs with nobody."""

    def __init__(self) -> None:
        self.members: list[Member] = []

    def join(self, member: Member) -> None:
        """Add a router."""
        self.members.append(member)

    def takeover_at(self, asking: Contender) -> float:
        """When a member can take over with all others: not before those that the kernel has refused."""
        if not asking.asks_first and any(member.asks_first for member in self.members):
            return inf
        return max(member.claim_at for member in self.members)

    def leaves_in_order(self, asking: Contender) -> bool:
        """Whether another member that serves has a hook to wait for before it leaves: all leave together."""
        others = (member for member in self.members if member is not asking)
        return any(
            member.router.state is State.MASTER
            and member.params.hooks is not None
            and Hook.PRE_RELEASE in member.params.hooks.hooks
            for member in others
        )

    def released(self, now: float) -> bool:
        """Whether no member waits any more for its hook before it leaves."""
        waits = (member.router.hooks.wait for member in self.members)
        return all(wait is None or wait.hook is not Hook.PRE_RELEASE or wait.over(now) for wait in waits)

    def left(self, leaver: Member, name: str, reason: Reason, now: float) -> None:
        """Take the others along when a member leaves MASTER."""
        for member in self.members:
            if member is not leaver:
                member.follow(name, reason, now)
