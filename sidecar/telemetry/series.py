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
        self._there: dict[str, frozenset[str]] = {}
        """By label, the values that there may be, if not all."""

    def add(self, name: str, labels: Labels) -> bool:
        """Note a series, and say whether it may be: not if its router, check or pool is gone."""
        known = self._known.get(name)
        if known is not None and labels in known:
            return True
        with self._lock:
            if self._there and not all(map(self._may_be, BY_NAME[name].labels, labels)):
                return False
            self._known.setdefault(name, set()).add(labels)
            return True

    def exchange(self, label: str, values: Iterable[str]) -> list[tuple[str, Labels]]:
        """Let there be series with these values of a label only, or "". Forget the others and return them."""
        there = frozenset((*values, ""))
        with self._lock:
            self._there[label] = there
            dropped: list[tuple[str, Labels]] = []
            for name, known in self._known.items():
                if label in BY_NAME[name].labels:
                    at = BY_NAME[name].labels.index(label)
                    lost = {labels for labels in known if labels[at] not in there}
                    self._known[name] = known - lost
                    dropped += ((name, labels) for labels in lost)
            return dropped

    def _may_be(self, label: str, value: str) -> bool:
        there = self._there.get(label)
        return there is None or value in there
