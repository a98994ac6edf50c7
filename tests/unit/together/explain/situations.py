"""Situations in which somebody asks why: each is played to a host, and shown at one moment."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Interface
from typing import Final

from sidecar.core.events import (
    ForeignVip,
    InterfaceChanged,
    InterfaceState,
    LeaseFound,
    LeasesFound,
    SendFailed,
    SendTried,
    Started,
    VipsHeld,
    VipsObserved,
)
from sidecar.core.health.drain_events import DrainAsked
from sidecar.core.health.params import CheckParams, DampingParams
from sidecar.core.router.lease_record import LeaseRecord
from sidecar.core.wire.constants import V2
from sidecar.telemetry.drain_file import Drained
from sidecar.telemetry.status_store import View
from tests.unit.core.stage import MAC, VIP, router
from tests.unit.telemetry.node_documents import told
from tests.unit.together.explain.host import CABLE_OUT, EPOCH, GATEWAY, HTTP, LINK, SPARE, Host

DAMPED: Final = DampingParams(free=1, hold=30.0, most=300.0)


def follows() -> View:
    return Host(240, HTTP, GATEWAY).backup().up().hears(1.0, 250).view(1.3)


def serves() -> View:
    return Host(250, HTTP).backup().up().run(100.0).view(100.2)


def serves_with_a_standby() -> View:
    return Host(250, HTTP).backup().up().run(5.0).knows(told()).view(5.2)


def serves_and_the_standby_is_silent() -> View:
    host = Host(250).backup().run(5.0).knows(told()).run(36.0)
    host.status_store.show_nodes(tuple(each.failed("connection refused") for each in host.status_store.nodes))
    return host.view(36.5)


def a_check_fails() -> View:
    host = Host(240, HTTP).backup().up().hears(1.0, 250)
    return host.result(1.5, "http", ok=False, detail="503 in 3 ms", times=2).hears(2.0, 250).view(2.2)


def a_check_begins_to_fail() -> View:
    host = Host(240, HTTP, GATEWAY).backup().up().hears(1.0, 250)
    host.result(1.5, "http", ok=False, detail="503 in 3 ms")
    return host.result(1.6, "gateway", ok=False, detail="2 of 5 lost", times=2).view(1.7)


def weights_move_the_priority() -> View:
    host = Host(240, HTTP, GATEWAY, SPARE).backup().up().hears(1.0, 250)
    return host.result(1.5, "gateway", ok=False, detail="5 of 5 lost", times=3).hears(2.0, 250).view(2.2)


def many_checks() -> View:
    checks = tuple(CheckParams(f"site{number}", "http", max_age=3.5) for number in range(12))
    host = Host(240, *checks).backup().up().hears(1.0, 250)
    return host.result(1.5, "site7", ok=False, detail="404 in 2 ms", times=2).view(2.0)


def no_verdict_yet() -> View:
    return Host(240, HTTP, GATEWAY).backup().hears(1.0, 250).view(1.5)


def the_master_is_silent() -> View:
    return Host(240).backup().hears(1.0, 250).view(3.5)


def the_master_has_resigned() -> View:
    return Host(240).backup().hears(1.0, 250).hears(1.5, 0).view(1.51)


def a_pair() -> View:
    return Host(240, hosts=2).backup().hears(1.0, 250).view(1.5)


def the_takeover_is_under_way() -> View:
    host = Host(240).backup().hears(1.0, 250)
    host.kernel = False
    return host.at(4.07).view(4.08)


def equal_priorities() -> View:
    return Host(240).backup().hears(1.0, 240).view(1.5)


def no_preemption() -> View:
    return Host(250, preempt=False).backup().hears(1.0, 240).view(1.5)


def a_preempt_delay() -> View:
    return Host(250, preempt_delay=60.0).backup().hears(1.0, 240).view(1.5)


def about_to_preempt() -> View:
    return Host(250).backup().hears(1.0, 240).view(1.5)


def held_down() -> View:
    host = Host(250, HTTP, damping=DAMPED).backup().up().hears(1.0, 240)
    for at in (2.0, 3.0):
        host.result(at, "http", ok=False, detail="503 in 3 ms", times=2)
        host.result(at + 0.4, "http", ok=True, detail="200 in 1 ms", times=2)
    return host.hears(4.0, 240).view(4.5)


def this_host_has_resigned() -> View:
    host = Host(250, HTTP).backup().up().run(5.0)
    return host.result(5.2, "http", ok=False, detail="503 in 3 ms", times=2).view(5.3)


def unfit_and_nobody_else_serves() -> View:
    host = Host(250, HTTP).backup().up()
    host.result(1.0, "http", ok=False, detail="connection refused", times=2)
    return host.run(5.0).view(5.1)


def drained() -> View:
    host = Host(250, HTTP).backup().up().hears(1.0, 240)
    known = Drained(EPOCH + 1.0, EPOCH + 1801.0, "uid 0")
    host.status_store.maintenance, host.status_store.drained = True, known
    return host.at(1.2, DrainAsked(1801.0, known.why)).hears(2.0, 240).view(2.5)


def the_cable_is_out() -> View:
    return Host(250).backup().hears(1.0, 240).at(2.0, CABLE_OUT).view(62.0)


def there_is_no_such_interface() -> View:
    missing = InterfaceChanged("eth0", None, "interface eth0 does not exist")
    return Host(250).at(0.0, missing, Started()).view(3.0)


def there_is_no_address() -> View:
    bare = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(), name="eth0"))
    return Host(250).backup().at(1.0, bare).view(2.0)


def somebody_else_has_put_the_vip_here() -> View:
    foreign = VipsObserved("web", frozenset(), frozenset({ForeignVip("eth1", VIP)}))
    return Host(250).backup().at(1.0, foreign).view(2.0)


def the_kernel_has_refused() -> View:
    host = Host(250).backup()
    host.kernel = False
    return host.at(3.1).at(3.2, VipsHeld("web", 3.1, "EPERM: not permitted")).view(3.7)


def nobody_hears_this_host() -> View:
    host = Host(250, HTTP).backup().up().hears(1.0, 240)
    host.kernel = False
    return host.at(2.0, SendTried("web", "EPERM")).hears(3.0, 240).hears(4.0, 240).view(4.5)


def nobody_hears_this_master() -> View:
    host = Host(250).backup().run(5.0)
    for at in (6.0, 7.0):
        host.run(at).at(at, SendFailed("web", "EPERM"))
    return host.view(7.2)


def two_masters() -> View:
    host = Host(250).backup().run(5.0)
    for at in (6.0, 7.0, 8.0):
        host.run(at).hears(at, 240)
    return host.view(8.2)


def version_two() -> View:
    host = Host(240, version=V2).backup()
    return host.hears(1.0, 250, version=V2).view(1.3)


def another_interval() -> View:
    return Host(240).backup().hears(1.0, 250, interval_cs=300).view(1.5)


def the_address_owner() -> View:
    return Host(255, GATEWAY).backup().up().run(2.0).view(2.2)


def a_sync_group() -> View:
    vips = (IPv4Interface("10.78.0.100"),)
    inside = replace(router(240), name="inside", interface="eth1", vrid=52, addresses=vips)
    host = Host.of(router(240), inside, groups=(("web", "inside"),))
    return host.at(0.0, LINK, InterfaceChanged("eth1", None), Started()).view(5.0)


def starting() -> View:
    host = Host(250, HTTP)
    host.kernel = False
    return host.at(0.0, LINK, Started()).view(0.05)


def adopted() -> View:
    host = Host(250, HTTP)
    found = LeaseFound("web", frozenset({VIP}), 2.0, LeaseRecord(250).number(host.params.routers[0]))
    observed = VipsObserved("web", frozenset({VIP}))
    return host.at(0.0, LINK, observed, LeasesFound((found,)), Started()).view(0.4)


def a_check_came_by_a_reload() -> View:
    host = Host(240, HTTP).backup().up().hears(1.0, 250)
    params = host.node.params
    web = replace(params.routers[0], checks=("http", "gateway"), weights=(-20,))
    host.node.exchange(replace(params, routers=(web,), checks=(HTTP, GATEWAY)), 1.2)
    host.health.exchange((HTTP, GATEWAY), 1.2)
    return host.view(1.5)


def the_router_does_not_tell() -> View:
    host = Host(240).backup().hears(1.0, 250)
    host.view(1.3)
    host.clock.now = 4.3
    view = host.status_store.view()
    assert view is not None
    return view


SITUATIONS: Final[dict[str, Callable[[], View]]] = {
    each.__name__: each
    for each in (
        follows, serves, serves_with_a_standby, serves_and_the_standby_is_silent, a_check_fails,
        a_check_begins_to_fail, weights_move_the_priority, many_checks, no_verdict_yet, the_master_is_silent,
        the_master_has_resigned, a_pair, the_takeover_is_under_way, equal_priorities, no_preemption,
        a_preempt_delay, about_to_preempt, held_down, this_host_has_resigned, unfit_and_nobody_else_serves,
        drained, the_cable_is_out, there_is_no_such_interface, there_is_no_address,
        somebody_else_has_put_the_vip_here, the_kernel_has_refused, nobody_hears_this_host,
        nobody_hears_this_master, two_masters, version_two, another_interval, the_address_owner, a_sync_group,
        starting, adopted, a_check_came_by_a_reload, the_router_does_not_tell,
    )
}  # fmt: skip

SUPPOSED: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "if_a_check_of_the_standby_fails": ("follows", ("http=down",)),
    "if_a_weighted_check_fails": ("follows", ("check.gateway=down",)),
    "if_the_master_is_silent": ("follows", ("peer=silent",)),
    "if_the_master_resigns": ("follows", ("peer=resigns",)),
    "if_the_master_of_a_pair_resigns": ("a_pair", ("peer=resigns",)),
    "if_the_priority_is_higher": ("follows", ("priority=254",)),
    "if_the_master_fails": ("serves_with_a_standby", ("http=down",)),
    "if_the_master_is_drained": ("serves", ("drain=on",)),
    "if_a_drain_ends": ("drained", ("drain=off",)),
    "if_it_is_unfit_and_the_master_silent": ("follows", ("http=down", "peer=silent")),
    "if_the_master_is_silent_during_a_hold_down": ("held_down", ("peer=silent",)),
    "if_an_unfit_host_heals": ("a_check_fails", ("http=up",)),
    "if_a_fault_has_another_priority": ("the_cable_is_out", ("priority=3",)),
    "if_a_member_of_a_group_has_another_priority": ("a_sync_group", ("priority=254",)),
}
"""Names of texts, with the situation and the words of `--if`."""
