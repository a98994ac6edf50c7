"""What keeps a router from holding its VIPs at all: the causes of FAULT."""

from dataclasses import dataclass
from math import inf

from sidecar.core.claim import Claim
from sidecar.core.state import Reason


@dataclass(slots=True)
class Obstacles:
    """Most are seen in the claim. A refusal of the kernel is remembered until it is time to try again."""

    retry_at: float = inf
    """When a kernel that refused is asked again."""
    _refusal: str = ""

    def refuse(self, why: str, until: float) -> None:
        """Note that the kernel refused, and when to ask it again."""
        self._refusal, self.retry_at = why, until

    def pass_time(self, now: float) -> None:
        """Forget a refusal whose time is over."""
        if now >= self.retry_at:
            self.retry_at = inf

    def first(self, claim: Claim) -> tuple[Reason, str] | None:
        """Return the first obstacle and a sentence about it, None if there is none."""
        name, link = claim.params.interface, claim.link
        foreign, duplicate = claim.lease.foreign, claim.lease.duplicate
        if link is None:
            return Reason.LINK, f"interface {name} does not exist"
        if not link.up:
            return Reason.LINK, f"interface {name} is down"
        if link.deaf:
            return Reason.LINK, f"cannot listen on {name}: {link.deaf}"
        if claim.source is None:
            return Reason.LINK, f"interface {name} has no address to send from"
        if foreign:
            return Reason.VIP, f"{', '.join(map(str, sorted(foreign)))} on {name} was added by somebody else"
        if duplicate:
            return (
                Reason.VIP,
                f"another host on {name} has {', '.join(map(str, sorted(duplicate)))} (DAD failed)",
            )
        if claim.lease.stuck:
            return Reason.VIP, "the kernel does not remove the VIP"
        if claim.lease.obstacle or self.retry_at < inf:
            return Reason.VIP, claim.lease.obstacle or self._refusal
        return None
