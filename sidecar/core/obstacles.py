"""What keeps a router from holding its VIPs at all: the causes of FAULT.

A fault ends when its cause was tried and is gone, never by time alone. Most causes can be seen, in the
claim: they end when they are seen to be gone. A refusal of the kernel cannot. Asking again would take the
VIPs from whoever serves if it succeeded, so the kernel is asked again when this router would serve, and
the answer decides: it serves, or it stays in FAULT.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

from sidecar.core.address_faults import address_fault
from sidecar.core.claim import Claim
from sidecar.core.state import Reason

LONGEST_RETRY: Final = 60.0
"""Seconds between two requests at most, to a kernel that keeps refusing while another host serves."""


@dataclass(slots=True)
class Obstacles:
    """A refusal is remembered until the kernel has given the VIPs, or what explains it is seen to be gone."""

    refusal: str = ""
    retry_at: float = -inf
    """When the kernel may be asked again at the earliest."""
    _refusals: int = 0
    _seen: bool = False

    def refuse(self, why: str, now: float, retry: float, *, served: bool) -> None:
        """Note that the kernel refused, and ask it again in `retry` seconds.

        While another host serves, each further refusal doubles that: a request that half succeeds is
        undone, and disturbs that host meanwhile.
        """
        self._refusals = self._refusals + 1 if served else 0
        longer = min(LONGEST_RETRY, retry * 2.0 ** min(self._refusals, 10)) if served else retry
        self.refusal, self.retry_at = why, now + max(retry, longer)

    def lift(self) -> None:
        """The kernel has given the VIPs."""
        self.refusal, self.retry_at, self._refusals = "", -inf, 0

    def look(self, claim: Claim) -> tuple[Reason, str] | None:
        """Return the first obstacle and a sentence about it, None if there is none."""
        seen = self.seen(claim)
        if self._seen and seen is None:
            # What the kernel refused meanwhile was refused for this.
            self.lift()
        self._seen = seen is not None
        if seen is None and self.refusal:
            return Reason.VIP, f"{self.refusal}; the kernel is asked again when this host would serve"
        return seen

    def seen(self, claim: Claim) -> tuple[Reason, str] | None:
        """Return the first obstacle that can be seen."""
        name, link = claim.params.interface, claim.link
        if link is None:
            return Reason.LINK, claim.missing or f"interface {name} does not exist"
        if link.name not in ("", name):
            name = f"{name} ({link.name})"
        if not link.up:
            return Reason.LINK, f"interface {name} is down"
        if link.deaf:
            return Reason.LINK, f"cannot listen on {name}: {link.deaf}"
        fault = address_fault(claim)
        if fault is not None:
            return fault
        if claim.lease.stuck:
            return Reason.VIP, "the kernel does not remove the VIP"
        if claim.lease.obstacle:
            return Reason.VIP, claim.lease.obstacle
        return None
