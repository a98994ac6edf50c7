"""Which virtual routers do not accept what is sent to their VIPs, and the filters that see to it."""

from collections.abc import Iterable, Mapping

from sidecar.core.address import Vip
from sidecar.net.nft.accept_filter import AcceptFilter
from sidecar.net.worker import Worker

_Key = tuple[str, str, tuple[Vip, ...]]
"""Router, interface and VIPs of a filter."""


class AcceptMode:
    """Installs and removes filters by a worker, in order: the kernel lets one at a time change rules.

    Docker and firewalls hold that lock for as long as their rules take, which no advert must wait for.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._filters: dict[_Key, _Installation] = {}

    async def refuse(self, router: str, interface: str, vips: tuple[Vip, ...]) -> None:
        """Return once the kernel drops what arrives for these VIPs: at once if it does already.

        Raises OSError if the kernel does not want to. Giving up undoes nothing: `accept` does.
        """
        key = (router, interface, vips)
        known = self._filters.get(key)
        if known is None:
            known = self._filters[key] = _Installation(interface, vips)
            await self._worker.run(known.begin)
        elif not known.over:
            await self._worker.settle()
        if known.refused is not None:
            self._filters.pop(key, None)
            raise known.refused
        # Those for other VIPs, which this router had before.
        self._undo(other for other in self._filters if other[0] == router and other != key)

    def accept(self, router: str) -> None:
        """Remove the filters of a router, soon: the kernel takes some 20 ms, and nobody needs to wait."""
        self._undo(key for key in self._filters if key[0] == router)

    def exchange(self, names: Mapping[str, str]) -> None:
        """Call routers otherwise, by their present names. The filters of all others are removed, soon."""
        self._undo(key for key in self._filters if key[0] not in names)
        self._filters = {
            (names[router], interface, vips): known
            for (router, interface, vips), known in self._filters.items()
        }

    def _undo(self, keys: Iterable[_Key]) -> None:
        for key in tuple(keys):
            self._worker.submit(self._filters.pop(key).undo)

    def close(self) -> None:
        """Have every filter removed."""
        for router in {key[0] for key in self._filters}:
            self.accept(router)


class _Installation:
    """One filter: to be installed, installed, or refused. Changed by the worker alone."""

    def __init__(self, interface: str, vips: tuple[Vip, ...]) -> None:
        self._interface = interface
        self._vips = vips
        self._filter: AcceptFilter | None = None
        self.refused: OSError | None = None
        self.over = False

    def begin(self) -> None:
        """Install it, and note what the kernel says."""
        try:
            self._filter = AcceptFilter(self._interface, self._vips)
        except OSError as refused:
            self.refused = refused
        self.over = True

    def undo(self) -> None:
        """Remove it, if it could be installed at all."""
        if self._filter is not None:
            self._filter.close()
