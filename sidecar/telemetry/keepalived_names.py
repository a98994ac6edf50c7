"""The names of the common exporter for keepalived, beside ours: dashboards and alerts of a keepalived go on.

Names, labels, types and the numbers of states are those of mehdy/keepalived-exporter. Numbers are ours, with
these differences: `keepalived_vrrp_state` has no sample while the protocol loop is stuck (`keepalived_up` is
0 then), `gratuitous_arp_delay_total`, a setting, is always 0, and a script is a check.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from sidecar.core.address import Vip
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import State
from sidecar.core.wire.advert import Drop
from sidecar.telemetry.status_store import StatusStore, View

Counts = Callable[[str], dict[tuple[str, ...], int]]
"""Counts of the router under one of our names, by labels."""

STATES: Final = {State.INIT: 0, State.BACKUP: 1, State.MASTER: 2, State.FAULT: 3}
_INSTANCE: Final = ("iname", "intf", "vrid")
_ADDRESS: Final = (*_INSTANCE, "ip_address")
_IDLE: Final = 0
"""State of a script that does not run at this moment."""

_DROPPED: Final = {
    "packet_length_errors": ((Drop.LENGTH,), "Packets that are too short or too long"),
    "advertisements_interval_errors": ((Drop.INTERVAL,), "Advertisements with another interval, refused"),
    "ip_ttl_errors": ((Drop.TTL,), "Packets whose TTL is not 255"),
    "invalid_type_received": ((Drop.TYPE,), "Packets that are no advertisement"),
    "address_list_errors": ((Drop.ADDRESSES,), "Advertisements of other addresses, refused"),
    "authentication_invalid": ((Drop.AUTH_MALFORMED,), "Authentication that nobody could have sent"),
    "authentication_mismatch": (
        (Drop.AUTH_TYPE, Drop.AUTH_MISSING),
        "Another kind of authentication, or none",
    ),
    "authentication_failure": (
        (Drop.AUTH_PASSWORD, Drop.AUTH_KEY, Drop.AUTH_HMAC, Drop.AUTH_STALE, Drop.AUTH_REPLAY),
        "Authentication that failed",
    ),
}
_ADDED: Final = {
    "advertisements_sent": (
        ("vrrp_adverts_sent_total", "vrrp_priority_zero_sent_total"),
        "Advertisements sent, priority 0 among them",
    ),
    "advertisements_received": (
        ("vrrp_adverts_received_total", "vrrp_priority_zero_received_total"),
        "Advertisements received, priority 0 among them",
    ),
    "priority_zero_sent": (("vrrp_priority_zero_sent_total",), "Advertisements of priority 0 sent"),
    "priority_zero_received": (
        ("vrrp_priority_zero_received_total",),
        "Advertisements of priority 0 received",
    ),
}


class KeepalivedNames(Collector):
    """The collector that prometheus_client asks at every scrape. `counts` gives the router's counters."""

    def __init__(self, status_store: StatusStore, counts: Counts) -> None:
        self._status_store = status_store
        self._counts = counts

    def collect(self) -> Iterator[Family]:
        """Yield every family of the exporter. Before the first snapshot most of them have no sample."""
        status_store, view = self._status_store, self._status_store.view()
        routers = () if view is None else view.snapshot.routers
        up = GaugeMetricFamily("keepalived_up", "1 while the protocol loop runs")
        up.add_metric((), view is not None and view.believed)
        yield up
        build = ("version", "revision")
        info = GaugeMetricFamily("keepalived_exporter_build_info", "Always 1", labels=build)
        info.add_metric((status_store.version, status_store.revision), 1)
        yield info
        yield from _states(view, routers)
        for name, (ours, meaning) in _ADDED.items():
            yield _counter(name, meaning, routers, self._sum(ours))
        dropped = self._counts("vrrp_adverts_dropped_total")
        for name, (reasons, meaning) in _DROPPED.items():
            numbers = {
                each.name: sum(dropped.get((each.name, why), 0) for why in reasons) for each in routers
            }
            yield _counter(name, meaning, routers, numbers)
        yield from self._masters(routers)
        yield _counter("gratuitous_arp_delay", "A setting of keepalived; here 0", routers, {})
        yield from _scripts(view)

    def _sum(self, names: Iterable[str]) -> dict[str, int]:
        total: dict[str, int] = {}
        for name in names:
            for (router,), number in self._counts(name).items():
                total[router] = total.get(router, 0) + number
        return total

    def _masters(self, routers: tuple[RouterSnapshot, ...]) -> Iterator[Family]:
        became: dict[str, int] = {}
        released: dict[str, int] = {}
        for (router, old, new, _), number in self._counts("vrrp_transitions_total").items():
            for counted, moved in ((became, new == State.MASTER), (released, old == State.MASTER)):
                counted[router] = counted.get(router, 0) + (number if moved else 0)
        yield _counter("become_master", "Transitions to MASTER", routers, became)
        yield _counter("release_master", "Transitions from MASTER", routers, released)


def _states(view: View | None, routers: tuple[RouterSnapshot, ...]) -> Iterator[Family]:
    meaning = "0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT"
    state = GaugeMetricFamily("keepalived_vrrp_state", meaning, labels=_ADDRESS)
    if view is not None and view.believed:
        for router in routers:
            for vip in router.vips:
                state.add_metric((*_instance(router), _written(vip)), STATES[router.state])
    yield state
    # A virtual router has no excluded addresses, and nobody configures a script for an exporter here.
    yield GaugeMetricFamily("keepalived_vrrp_excluded_state", meaning, labels=_ADDRESS)
    yield GaugeMetricFamily(
        "keepalived_exporter_check_script_status", "Script of the exporter; there is none", labels=_ADDRESS
    )


def _scripts(view: View | None) -> Iterator[Family]:
    status = GaugeMetricFamily("keepalived_script_status", "0 a check is down, 1 it is up", labels=("name",))
    state = GaugeMetricFamily("keepalived_script_state", "0 idle", labels=("name",))
    for check in () if view is None else view.snapshot.checks:
        if check.up is not None:
            status.add_metric((check.name,), check.up)
        state.add_metric((check.name,), _IDLE)
    yield from (status, state)


def _counter(name: str, meaning: str, routers: Iterable[RouterSnapshot], of: dict[str, int]) -> Family:
    family = CounterMetricFamily(f"keepalived_{name}", meaning, labels=_INSTANCE)
    for router in routers:
        family.add_metric(_instance(router), of.get(router.name, 0))
    return family


def _instance(router: RouterSnapshot) -> tuple[str, str, str]:
    return router.name, router.device or router.interface, str(router.vrid)


def _written(vip: Vip) -> str:
    """Return an address as keepalived writes it: a host's has no prefix length."""
    return str(vip.ip) if vip.network.prefixlen == vip.max_prefixlen else str(vip)
