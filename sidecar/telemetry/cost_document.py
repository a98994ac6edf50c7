"""What moves cost, as a part of document.py."""

from typing import TypedDict


class Costs(TypedDict):
    """Seconds for which nobody serves the VIP, at most, when its master stops and if it crashes.

    They are null on the master itself: the priority of the backup decides, which is not on the wire, and the
    sentence says how. A sidecar that is killed goes on unnoticed if the next process has renewed the lease
    within `restart_within_seconds`, its start included; null: never.
    """

    stop_seconds: float | None
    crash_seconds: float | None
    restart_within_seconds: float | None
    sentence: str
