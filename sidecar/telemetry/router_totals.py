"""Counts of the router: totals that it sends when somebody looks, in the exposition together with our own.

It counts for as long as it lives: a new observer shows the same numbers.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from sidecar.channel.down import Totals
from sidecar.channel.tables import BUCKETS
from sidecar.telemetry.metric import Kind
from sidecar.telemetry.metric_table import BY_NAME, PREFIX

_Labels = tuple[str, ...]


class RouterTotals(Collector):
    """Counters and histograms by name and labels. Safe from any thread.

    `admit` says whether a series may be: not if what it counts is gone.
    """

    def __init__(self, names: Iterable[str], admit: Callable[[str, _Labels], bool]) -> None:
        self._admit = admit
        kinds = {name: BY_NAME[name].kind for name in names}
        self._counters: dict[str, dict[_Labels, int]] = {
            name: {} for name, kind in kinds.items() if kind is Kind.COUNTER
        }
        self._histograms: dict[str, dict[_Labels, tuple[tuple[int, ...], float]]] = {
            name: {} for name, kind in kinds.items() if kind is Kind.HISTOGRAM
        }
        self._ours: dict[tuple[str, _Labels], int] = {}
        self._changing = threading.Lock()

    def exist(self, name: str, label_sets: Iterable[_Labels]) -> None:
        """Make label sets exist at 0. Existing numbers are kept."""
        with self._changing:
            if name in self._counters:
                for labels in label_sets:
                    if self._admit(name, labels):
                        self._counters[name].setdefault(labels, 0)
            else:
                nothing = (0,) * (len(BUCKETS[name]) + 1), 0.0
                for labels in label_sets:
                    if self._admit(name, labels):
                        self._histograms[name].setdefault(labels, nothing)

    def take(self, totals: Totals) -> None:
        """Note what the router has counted so far."""
        with self._changing:
            for counter in totals.counters:
                if self._admit(counter.name, counter.labels):
                    self._counters[counter.name][counter.labels] = counter.value
            for each in totals.histograms:
                if self._admit(each.name, each.labels):
                    self._histograms[each.name][each.labels] = each.buckets, each.seconds

    def remove(self, name: str, labels: _Labels) -> None:
        """Show a series no more."""
        with self._changing:
            for family in (self._counters, self._histograms):
                family.get(name, {}).pop(labels, None)

    def add(self, name: str, *labels: str) -> None:
        """Count something in this process that the router counts, too."""
        if not self._admit(name, labels):
            return
        with self._changing:
            self._ours[name, labels] = self._ours.get((name, labels), 0) + 1

    def counts(self, name: str) -> dict[_Labels, int]:
        """Return the present numbers of a counter of the router by their labels, without those added here."""
        with self._changing:
            return dict(self._counters[name])

    def collect(self) -> Iterator[Family]:
        """Yield every family, for prometheus_client."""
        with self._changing:
            counters = {name: dict(values) for name, values in self._counters.items()}
            histograms = {name: dict(values) for name, values in self._histograms.items()}
            for (name, labels), number in self._ours.items():
                counters[name][labels] = counters[name].get(labels, 0) + number
        for name, values in counters.items():
            metric = BY_NAME[name]
            counter = CounterMetricFamily(PREFIX + name, metric.help, labels=metric.labels)
            for labels, value in values.items():
                counter.add_metric(labels, value)
            yield counter
        for name, counted in histograms.items():
            metric = BY_NAME[name]
            family = HistogramMetricFamily(PREFIX + name, metric.help, labels=metric.labels)
            bounds = [*map(floatToGoString, BUCKETS[name]), "+Inf"]
            for labels, (buckets, seconds) in counted.items():
                pairs = list(zip(bounds, accumulate(buckets), strict=True))
                family.add_metric(labels, pairs, seconds)
            yield family
