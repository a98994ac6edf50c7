"""The page as it is now, made once for all who ask at the same time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sidecar.telemetry.page.html import Parts, parts
from sidecar.telemetry.page.model import Page

FRESH: Final = 0.25
"""Seconds for which a page is shown to whoever asks: a crowd costs no more than one."""


Draw = Callable[[], tuple[Page, bool]]
"""Returns the page as it is now, and whether there was something to show."""


@dataclass(frozen=True, slots=True)
class Made:
    """A page and its HTML, and when it was made (monotonic). `decided`: there was something to show."""

    page: Page
    parts: Parts
    at: float
    decided: bool


class PageSource:
    """Safe from any thread."""

    def __init__(self, draw: Draw, fresh: float = FRESH) -> None:
        self._draw = draw
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
        page, decided = self._draw()
        return Made(page, parts(page), at, decided)
