"""Which trouble is worth a log line now. The counter counts every time; people read once.

A host on the LAN can invent as many senders as there are addresses. So only some are remembered, and
while these are quiet a further one is too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Final

from sidecar.core.actions import Warned
from sidecar.core.address import Address

QUIET: Final = 10.0
"""Seconds between two lines about the same trouble."""
QUIET_SOURCE: Final = 60.0
"""Seconds between two lines about the same trouble with the same sender."""
SOURCES: Final = 16
"""Senders of one trouble that have lines of their own in that time."""


@dataclass(slots=True)
class _Trouble:
    """When it was logged last, and how often it has happened since."""

    logged_at: float = -inf
    suppressed: int = 0


@dataclass(slots=True)
class LogRateLimit:
    """Troubles by their labels, then by sender, the one that was logged last at the end."""

    _troubles: dict[tuple[str, str, str | None], dict[Address | None, _Trouble]] = field(default_factory=dict)

    def suppressed(self, report: Warned, now: float) -> int | None:
        """Return how many were kept quiet since the last line about this, None if this one is to be, too."""
        same = self._troubles.setdefault((report.component, report.reason, report.router), {})
        seconds = QUIET if report.source is None else QUIET_SOURCE
        trouble = same.get(report.source)
        if trouble is None:
            if len(same) >= SOURCES and not _make_room(same, now):
                return None
            trouble = _Trouble()
        elif now - trouble.logged_at < seconds:
            trouble.suppressed += 1
            return None
        same.pop(report.source, None)
        same[report.source] = _Trouble(now)
        return trouble.suppressed

    def keep(self, routers: Iterable[str]) -> None:
        """Forget what was said about other routers: they are gone."""
        here = {None, *routers}
        self._troubles = {key: same for key, same in self._troubles.items() if key[2] in here}


def _make_room(same: dict[Address | None, _Trouble], now: float) -> bool:
    """Forget the sender that was logged longest ago, if it may be logged again."""
    source = next(iter(same))
    if now - same[source].logged_at < QUIET_SOURCE:
        return False
    del same[source]
    return True
