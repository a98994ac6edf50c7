"""Where the VIPs of each router are, looked up again only after something has changed.

254 VIPs take some 3 ms, in the thread that sends adverts, and a renewal comes with each advert of a second.
"""

from typing import NamedTuple

from sidecar.core.actions import HoldVips
from sidecar.core.address import Vip
from sidecar.net.kernel.picture import Holds
from sidecar.net.kernel.view import KernelView


class _Known(NamedTuple):
    """Where VIPs are in a generation of the view."""

    generation: int
    vips: tuple[Vip, ...]
    holds: Holds


class KnownHolds:
    """Answers as the view does. What it keeps of a router counts only for the same tuple of VIPs."""

    def __init__(self, view: KernelView) -> None:
        self._view = view
        self._known: dict[str, _Known] = {}

    def of(self, command: HoldVips) -> Holds:
        """Return where the VIPs are that a command names."""
        generation = self._view.generation
        known = self._known.get(command.router)
        if known is None or known.generation != generation or known.vips is not command.vips:
            holds = self._view.holds(command.interface, command.vips)
            known = self._known[command.router] = _Known(generation, command.vips, holds)
        return known.holds

    def clear(self) -> None:
        """Keep nothing: there are other routers."""
        self._known.clear()
