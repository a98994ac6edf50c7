"""How many events of a kind are kept in an hour, so that one that repeats does not displace all others."""

from dataclasses import dataclass

HOUR = 3600.0


@dataclass(slots=True)
class _Window:
    """What was kept and what was not since it began."""

    began: float
    kept: int = 0
    suppressed: int = 0


class Budget:
    """Counts by key. Keys are names of the configuration and of the code, so there are few."""

    def __init__(self, most: int, seconds: float = HOUR) -> None:
        """Allow `most` in a window of `seconds`."""
        self._most = most
        self._seconds = seconds
        self._windows: dict[tuple[str, ...], _Window] = {}

    def suppressed(self, key: tuple[str, ...], now: float) -> int | None:
        """Return how many were left out before this one, or None if this one is left out, too."""
        window = self._windows.get(key)
        if window is None or now - window.began >= self._seconds:
            left_out = 0 if window is None else window.suppressed
            self._windows[key] = _Window(now, kept=1)
            return left_out
        if window.kept >= self._most:
            window.suppressed += 1
            return None
        window.kept += 1
        return 0
