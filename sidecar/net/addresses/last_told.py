"""The last report to the core about each interface and each router's VIPs, so that only news is told."""

from collections.abc import Iterable

from sidecar.core.address import Vip
from sidecar.core.events import InterfaceChanged, InterfaceState, VipsObserved
from sidecar.core.params import RouterParams
from sidecar.core.router.identity import RouterIdentity, identity


class LastTold:
    """Remembers events. Before the first one no VIP was seen, and nothing is known of an interface."""

    def __init__(self) -> None:
        self._interfaces: dict[str, InterfaceChanged] = {}
        self._vips: dict[str, VipsObserved] = {}
        self._repeat: set[str] = set()

    def is_news(self, event: InterfaceChanged | VipsObserved) -> bool:
        """Note an event, and say whether it must be told."""
        if isinstance(event, InterfaceChanged):
            before, self._interfaces[event.interface] = self._interfaces.get(event.interface), event
            return event != before
        name = event.router
        known, self._vips[name] = self._vips.get(name, VipsObserved(name, frozenset())), event
        repeat = name in self._repeat
        self._repeat.discard(name)
        return event != known or repeat

    def state(self, interface: str) -> InterfaceState | None:
        """Return the last state of an interface."""
        return self._interfaces[interface].state

    def exchange(self, old: Iterable[RouterParams], new: Iterable[RouterParams]) -> None:
        """Tell again what concerns routers that are new or have other VIPs: they may know nothing of it."""
        new = tuple(new)
        before, after = _by_interface(old), _by_interface(new)
        self._interfaces = {
            name: told
            for name, told in self._interfaces.items()
            if before.get(name) == after.get(name) and name in after
        }
        self._repeat = {router.name for router in new}
        self._vips.clear()


def _by_interface(routers: Iterable[RouterParams]) -> dict[str, set[tuple[RouterIdentity, Vip]]]:
    """Return the routers and VIPs of each interface. A new router may have the name of one that has gone."""
    found: dict[str, set[tuple[RouterIdentity, Vip]]] = {}
    for router in routers:
        found.setdefault(router.interface, set()).update((identity(router), vip) for vip in router.addresses)
    return found
