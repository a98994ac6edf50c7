"""Record /metrics of real sidecars during a failover: `python -m tests.netns.record_failover` (root).

Hosts a and b are a pair: somebody sends adverts that are refused, then nginx of a dies and b takes over.
Host p has a pool, and one of its servers dies. `tests/monitoring/test_dashboard.py` fills the dashboard from
the file.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from prometheus_client.parser import text_string_to_metric_families as parse

from tests.monitoring.recording import STALE, Key, key, read_by_rules, shortened, written
from tests.netns.lab import Lab
from tests.netns.namespace import Namespace
from tests.netns.pool_stage import PoolStage
from tests.netns.rogue import Forgery, Rogue
from tests.netns.vrrp_daemon import ALL_CHECKS, Setup, metrics

FILE: Final = Path(__file__).parents[1] / "monitoring" / "failover.json"
BEFORE, AFTER = 10, 15
"""Scrapes, one a second."""


class Recording:
    """Values of all series that rules and dashboard read, of some hosts, a second apart."""

    def __init__(self, hosts: dict[str, Namespace]) -> None:
        self._hosts = hosts
        self._stored: dict[str, dict[Key, list[str]]] = {name: {} for name in hosts}
        self._ticks = 0
        self._next = time.monotonic()

    def scrape(self, times: int) -> None:
        """Store so many values."""
        for _ in range(times):
            for name, namespace in self._hosts.items():
                families = parse(metrics(namespace))
                now = {
                    key(each.name, **each.labels): each.value
                    for family in families
                    for each in family.samples
                    if each.name in read_by_rules()
                } | {key("up"): 1.0}
                stored = self._stored[name]
                for series in now.keys() | stored.keys():
                    values = stored.setdefault(series, [STALE] * self._ticks)
                    values.append(f"{now[series]:.12g}" if series in now else STALE)
            self._ticks += 1
            self._next += 1
            time.sleep(max(0.0, self._next - time.monotonic()))

    def series(self) -> list[dict[str, str]]:
        """Return what was stored, as promtool reads it."""
        return [
            {"series": name + written(dict(labels) | target), "values": shortened(values)}
            for host, stored in self._stored.items()
            for target in [{"cluster": "lab", "instance": f"{host}:9650", "job": "vip-sidecar"}]
            for (name, labels), values in sorted(stored.items())
        ]


def record(hosts: dict[str, Namespace], happens: Callable[[], object]) -> list[dict[str, str]]:
    """Record some hosts before and after something happens to them."""
    recording = Recording(hosts)
    recording.scrape(BEFORE)
    happens()
    recording.scrape(AFTER)
    return recording.series()


def main() -> None:
    """Write the file."""
    with Lab(Setup(interval=1.0, checks=ALL_CHECKS), rogue=True) as lab:
        lab.start()
        Rogue(lab.lan).flood([Forgery(ttl=254)], 10, 3)
        hosts = {name: host.namespace for name, host in lab.hosts.items()}

        def fails() -> None:
            Rogue(lab.lan).flood([Forgery(ttl=254)], 10, 1)
            lab.hosts["a"].nginx.kill()

        found = record(hosts, fails)
    with PoolStage() as stage:
        stage.start()
        found += record({"p": stage.host}, stage.apps["b"].kill)
    FILE.write_text("[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n", encoding="utf-8")
    sys.stdout.write(f"{FILE}: {len(found)} series, {FILE.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
