"""What Prometheus stores of a pair of hosts while things happen to it: one value a scrape and series.

Names and labels are those of a real exposition, so that no series is made that a sidecar does not have.
"""

import os
import re
from functools import cache
from itertools import groupby
from math import inf
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families as parse

from sidecar.core.actions import RunHook
from sidecar.core.health.params import CheckParams
from sidecar.core.hook import Hook, HookResult
from sidecar.core.state import State
from sidecar.privileges import Privileges
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.processes import ObserverFacts, Processes, RouterFacts
from sidecar.telemetry.status_store import StatusStore
from tests.monitoring.promtool import DASHBOARD, RULES, TICK
from tests.unit.telemetry.handmade import Clock, pool, snapshot

Key = tuple[str, tuple[tuple[str, str], ...]]
ROUTER: Final = "web"
VIP: Final = "10.77.0.100/32"
STALE: Final = "stale"


def key(name: str, **labels: str) -> Key:
    """A series of a sidecar, without the labels that a scrape adds."""
    return name, tuple(sorted(labels.items()))


@cache
def exposed() -> dict[Key, float]:
    """Every series of a real exposition, with its value: two checks, a pool, a router."""
    clock = Clock()
    status_store = StatusStore(clock, wall=lambda: 1_790_000_000.0)
    status_store.docker_connected, status_store.pools = True, (pool(),)
    own = Privileges(0, 0, 0, 0, 0, 0, 0, no_new_privileges=True)
    pid = os.getpid()
    status_store.processes = Processes(ObserverFacts(pid, own, 0), RouterFacts(pid, 0, 0, 0, 0, 0, 0))
    status_store.publish(snapshot())
    hook = RunHook(ROUTER, Hook.PRE_ACQUIRE, 0.0, State.MASTER, 250, inf)
    status_store.hooks.note(hook, HookResult.OK, "", 0.0, 0.0)
    status_store.beat(clock.now)
    metrics = Metrics(
        (ROUTER,), (CheckParams("http", "http"), CheckParams("nginx", "container")), status_store
    )
    metrics.prepare_pools(["app"])
    text = metrics.expose()[1].decode()
    return {key(each.name, **each.labels): each.value for family in parse(text) for each in family.samples}


@cache
def read_by_rules() -> frozenset[str]:
    """The names that rules and dashboard read: the others need not be stored."""
    text = "".join(file.read_text(encoding="utf-8") for file in (*RULES, DASHBOARD))
    return frozenset(re.findall(r"\b(?:vipsidecar|process)_\w+", text))


class Host:
    """One target of Prometheus. It begins as a fit BACKUP that answers."""

    def __init__(self, name: str, priority: int, cluster: str = "lab", ticks: int = 0) -> None:
        self.priority = priority
        self.target = {"cluster": cluster, "instance": f"{name}:9650", "job": "vip-sidecar"}
        self._now: dict[Key, float] = {}
        self._stored: dict[Key, list[str]] = {}
        self._ticks = ticks
        self._changes = 0
        self._text = (-1, "")
        self.up = True
        self.boot()

    def boot(self) -> None:
        """The sidecar was started just now: counters are 0, no state is known, checks pass."""
        fresh = {each: value for each, value in exposed().items() if each[0] in read_by_rules()}
        for name, labels in fresh:
            if name.endswith(("_total", "_bucket", "_sum", "_count")):
                fresh[name, labels] = 0
        self._now, self.up = fresh, True
        self._changes += 1
        for check, kind in (("http", "http"), ("gateway", "icmp")):
            self.set("check_up", 1, check=check, kind=kind)
        for state, number in (("up", 4), ("down", 0), ("unknown", 0)):
            self.set("pool_servers", number, pool="app", state=state)
        self.set("vrrp_priority_configured", self.priority, router=ROUTER)
        self.set("vrrp_priority_effective", self.priority, router=ROUTER)
        self._be("INIT", masters=0)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Change a gauge that the exposition has."""
        series = key(f"vipsidecar_{name}", **labels)
        assert series in exposed(), f"no sidecar has {series}"
        self._now[series] = value
        self._changes += 1

    def add_vip(self, vip: str, *, held: bool) -> None:
        """One VIP more is in its file."""
        for name in ("vip_desired", "vip_owned"):
            self._now[key(f"vipsidecar_{name}", router=ROUTER, vip=vip)] = held
        self._changes += 1

    def rename_router(self, name: str) -> None:
        """Its router has another name in its file."""
        self._now = {
            key(series, **(told | {"router": name} if (told := dict(labels)).get("router") else told)): value
            for (series, labels), value in self._now.items()
        }
        self._changes += 1

    def count(self, name: str, by: float = 1, /, **labels: str) -> None:
        """Add to a counter that the exposition has."""
        series = key(f"vipsidecar_{name}", **labels)
        assert series in exposed(), f"no sidecar has {series}"
        self._now[series] += by
        self._changes += 1

    def master(self, reason: str = "master_down_timer") -> None:
        """It takes over."""
        self.count(
            "vrrp_transitions_total", router=ROUTER, from_state="BACKUP", to_state="MASTER", reason=reason
        )
        self._be("MASTER")

    def backup(self, masters: int = 1) -> None:
        """It waits, and hears so many masters."""
        self._be("BACKUP", masters=masters)

    def fault(self) -> None:
        """It cannot hold the VIP."""
        self._be("FAULT")

    def unfit(self, check: str = "http", kind: str = "http") -> None:
        """A required check fails."""
        self.set("check_up", 0, check=check, kind=kind)
        self.set("vrrp_priority_effective", 1, router=ROUTER)

    def fit(self) -> None:
        """All its checks pass."""
        self.set("check_up", 1, check="http", kind="http")
        self.set("vrrp_priority_effective", self.priority, router=ROUTER)

    def _be(self, state: str, masters: int = 1) -> None:
        for each in ("INIT", "BACKUP", "MASTER", "FAULT"):
            self.set("vrrp_state", each == state, router=ROUTER, state=each)
        self.set("vip_desired", state == "MASTER", router=ROUTER, vip=VIP)
        self.set("vip_owned", state == "MASTER", router=ROUTER, vip=VIP)
        self.set("vrrp_masters_observed", masters, router=ROUTER)

    def scrape(self) -> None:
        """Store one value of every series."""
        now = {**(self._now if self.up else {}), key("up"): self.up}
        for series in now.keys() | self._stored.keys():
            values = self._stored.setdefault(series, [STALE] * self._ticks)
            values.append(f"{now[series]:.17g}" if series in now else STALE)
        self._ticks += 1

    def exposition(self) -> str:
        """Return what a scrape of it gets now."""
        changes, text = self._text
        if changes != self._changes:
            changes, now = self._changes, self._now.copy()
            text = "".join(
                f"{name}{written(dict(labels))} {float(now[name, labels])}\n" for name, labels in now
            )
            self._text = changes, text
        return text

    def series(self) -> list[dict[str, str]]:
        """Return what was stored, as promtool reads it."""
        return [
            {"series": name + written(dict(labels) | self.target), "values": shortened(values)}
            for (name, labels), values in self._stored.items()
        ]


class Pair:
    """Host a serves, host b waits, for as long as nothing else is said. Scraped every `tick` seconds."""

    def __init__(self, tick: int = TICK) -> None:
        self._tick = tick
        self.a, self.b = Host("a", 250), Host("b", 240)
        self.hosts = [self.a, self.b]
        self.ticks = 0
        self.a.master()
        self.b.backup()

    def run(self, seconds: int) -> "Pair":
        """Time passes, and Prometheus scrapes every host."""
        for _ in range(seconds // self._tick):
            for host in self.hosts:
                host.scrape()
            self.ticks += 1
        return self

    def group(self, **expected: Any) -> dict[str, Any]:
        """Return a group of tests for promtool: all series, and what is expected of the rules."""
        series = [each for host in self.hosts for each in host.series()]
        return {"interval": f"{self._tick}s", "input_series": series, **expected}

    @property
    def now(self) -> str:
        """The moment of the last scrape."""
        return f"{(self.ticks - 1) * self._tick}s"


def written(labels: dict[str, str]) -> str:
    """Return labels in the notation of PromQL; an empty one is none."""
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels.items() if value) + "}"


def shortened(values: list[str]) -> str:
    """Return the values in promtool's notation: `1x3` is four times 1."""
    runs = [(value, len(list(same))) for value, same in groupby(values)]
    return " ".join(
        " ".join([value] * number) if value == STALE else f"{value}x{number - 1}" for value, number in runs
    )
