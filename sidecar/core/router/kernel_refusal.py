"""A kernel that has refused the VIPs: it is asked again when the router would serve, and not before."""

from dataclasses import dataclass
from math import inf
from typing import Final

LONGEST_RETRY: Final = 60.0
"""Seconds between two requests at most, to a kernel that keeps refusing while another host serves."""


@dataclass(slots=True)
class KernelRefusal:
    """Remembered until the kernel has given the VIPs, or what explains the refusal is seen to be gone."""

    why: str = ""
    """The error, "" if there is none."""
    retry_at: float = -inf
    """When the kernel may be asked again at the earliest."""
    _repeats: int = 0
    _explained: bool = False

    def note(self, why: str, now: float, retry: float, *, served: bool) -> None:
        """Note that the kernel refused, and ask it again in `retry` seconds.

        While another host serves, each further refusal doubles that: a request that half succeeds is
        undone, and disturbs that host meanwhile.
        """
        self._repeats = self._repeats + 1 if served else 0
        longer = min(LONGEST_RETRY, retry * 2.0 ** min(self._repeats, 10)) if served else retry
        self.why, self.retry_at = why, now + max(retry, longer)

    def lift(self) -> None:
        """The kernel has given the VIPs."""
        self.why, self.retry_at, self._repeats = "", -inf, 0

    def explain(self, *, seen: bool) -> None:
        """Something else can be seen that keeps the VIPs away, or can no longer be seen."""
        if self._explained and not seen:
            # A refusal of the kernel meanwhile had this cause.
            self.lift()
        self._explained = seen
