"""The page as it is now, made once for all who ask at the same time."""

import threading
import time
from dataclasses import dataclass
from typing import Final

from sidecar.telemetry.page.banner import starting
from sidecar.telemetry.page.build import build
from sidecar.telemetry.page.history import SHOWN
from sidecar.telemetry.page.html import Parts, parts
from sidecar.telemetry.page.model import Page
from sidecar.telemetry.status import render
from sidecar.telemetry.status_store import StatusStore

FRESH: Final = 0.25
"""Seconds for which a page is shown to whoever asks: a crowd costs no more than one."""


@dataclass(frozen=True, slots=True)
class Made:
    """A page and its HTML, and when it was made (monotonic). `decided`: there was something to show."""

    page: Page
    parts: Parts
    at: float
    decided: bool


class PageSource:
    """Safe from any thread."""

    def __init__(self, status_store: StatusStore, fresh: float = FRESH) -> None:
        self._status_store = status_store
        self._fresh = fresh
        self._making = threading.Lock()
        self._made: Made | None = None

    def now(self) -> Made:
        """Return the page; it is at most `fresh` seconds old."""
        with self._making:
            made = self._made
            if made is None or time.monotonic() - made.at > self._fresh:
                made = self._made = self._make()
            return made

    def _make(self) -> Made:
        at = time.monotonic()
        view = self._status_store.view()
        if view is None:
            page = Page(starting("vip-sidecar", "starting: nothing decided yet"))
        else:
            store = self._status_store.events
            page = build(render(view), () if store is None else store.latest(SHOWN))
        return Made(page, parts(page), at, decided=view is not None)
