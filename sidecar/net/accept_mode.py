"""Which virtual routers do not accept what is sent to their VIPs, and the filters that see to it."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from sidecar.core.params import Vip
from sidecar.net.accept_filter import AcceptFilter


class AcceptMode:
    """Installs and removes filters in a thread, in order: the kernel lets one at a time change rules.

    Docker and firewalls hold that lock for as long as their rules take, which no advert must wait for.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "accept-mode")
        self._filters: dict[tuple[str, str, tuple[Vip, ...]], Future[AcceptFilter]] = {}

    async def refuse(self, router: str, interface: str, vips: tuple[Vip, ...]) -> None:
        """Return once the kernel drops what arrives for these VIPs: at once if it does already.

        Raises OSError if the kernel does not want to. Cancelling undoes nothing: `accept` does.
        """
        key = (router, interface, vips)
        if key not in self._filters:
            self._filters[key] = self._thread.submit(AcceptFilter, interface, vips)
        installing = self._filters[key]
        try:
            if installing.done():
                installing.result()
            else:
                await asyncio.shield(asyncio.wrap_future(installing))
        except OSError:
            self._filters.pop(key, None)
            raise

    def accept(self, router: str) -> None:
        """Remove the filters of a router, soon: the kernel takes some 20 ms, and nobody needs to wait."""
        for key in tuple(self._filters):
            if key[0] == router:
                self._thread.submit(_remove, self._filters.pop(key))

    def close(self) -> None:
        """Remove every filter, and wait for that."""
        for installing in self._filters.values():
            self._thread.submit(_remove, installing)
        self._thread.shutdown()


def _remove(installing: Future[AcceptFilter]) -> None:
    """Remove a filter, if it could be installed at all. In the thread that is known by now."""
    with suppress(OSError):
        installing.result().close()
