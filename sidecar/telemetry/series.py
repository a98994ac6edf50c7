"""Which series there are, so that those of a router, check or pool that is gone can be removed."""

from collections.abc import Iterable
from threading import Lock

from sidecar.telemetry.metric_table import BY_NAME

Labels = tuple[str, ...]


class Series:
    """Names and labels of all counters and histograms that were used. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, set[Labels]] = {}
        self._gone: set[tuple[str, str]] = set()

    def add(self, name: str, labels: Labels) -> bool:
        """Note a series, and say whether it may be: not if its router, check or pool is gone."""
        known = self._known.get(name)
        if known is not None and labels in known:
            return True
        with self._lock:
            if self._gone and not self._gone.isdisjoint(zip(BY_NAME[name].labels, labels, strict=True)):
                return False
            self._known.setdefault(name, set()).add(labels)
            return True

    def expect(self, label: str, values: Iterable[str]) -> None:
        """Take note that these values of a label are there, or there again."""
        with self._lock:
            self._gone -= {(label, value) for value in values}

    def drop(self, label: str, values: Iterable[str]) -> list[tuple[str, Labels]]:
        """Forget all series with one of these values of a label, and return them. None is noted any more."""
        gone = set(values)
        with self._lock:
            self._gone |= {(label, value) for value in gone}
            dropped: list[tuple[str, Labels]] = []
            for name, known in self._known.items():
                if label in BY_NAME[name].labels:
                    at = BY_NAME[name].labels.index(label)
                    lost = {labels for labels in known if labels[at] in gone}
                    self._known[name] = known - lost
                    dropped += ((name, labels) for labels in lost)
            return dropped
