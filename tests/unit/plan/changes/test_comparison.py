"""The comparison knows every field of the plan, says who notices, and shows nothing secret.

Modules: plan.changes.change, plan.changes.checks, plan.changes.hooks, plan.changes.rule, plan.changes.shown.
"""

import dataclasses
from ipaddress import IPv4Address, IPv4Interface
from typing import Any, get_type_hints

import pytest

from sidecar.core.params import HmacParams, NodeParams, RouterParams, Unicast
from sidecar.core.pool.params import PoolParams, ServerParams
from sidecar.core.wire.hmac_key import HmacKey
from sidecar.plan.changes.change import Mark, as_data, as_text
from sidecar.plan.changes.comparison import compare
from sidecar.plan.changes.rule import TABLES, elsewhere
from sidecar.plan.check import HttpCheck, LinkCheck
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.plan.plan import FromEnvironment, ObserverPlan, Plan
from sidecar.plan.pool import Pool, PoolCheck, Reload
from sidecar.plan.request import Header
from sidecar.plan.rules import RouterRules
from sidecar.plan.services import Docker, Http
from tests.unit.plan.changes.samples import NEVER_EMPTY, SECRETS, full_plan, variants
from tests.unit.plan.test_plan import reachable

WHOLE = {
    "ContainerSelection",
    "Endpoint",
    "Header",
    "HmacKey",
    "HookCommand",
    "FromEnvironment",
    "HttpUrl",
    "Identity",
    "RouterRules",
    "ServerParams",
    "StatusRange",
}
"""Dataclasses that are shown as one value, and need no table."""
SILENT = {
    ("CheckParams", "name"),
    ("CheckParams", "kind"),
    ("CheckParams", "rise"),
    ("CheckParams", "fall"),
    ("HookParams", "hooks"),
    ("HookPrograms", "addresses"),
    ("ObserverPlan", "node"),
    ("ObserverPlan", "routers"),
    ("ObserverPlan", "rules"),
    ("ObserverPlan", "shared_hash"),
    ("ObserverPlan", "sync_groups"),
    ("ObserverPlan", "warnings"),
    ("ObserverPlan", "from_environment"),
    *(("FromEnvironment", each.name) for each in dataclasses.fields(FromEnvironment)),
    ("PoolParams", "max_age"),
    ("RouterParams", "weights"),
    *(("RouterRules", each.name) for each in dataclasses.fields(RouterRules)),
}
"""Fields that never differ alone: they follow from others, which are told."""
DATACLASSES: set[Any] = {each for each in reachable(Plan) if dataclasses.is_dataclass(each)}
VIP = IPv4Interface("10.0.0.5/24")
WEB = RouterParams("web", "eth0", 51, 250, (VIP,))


def test_every_dataclass_has_a_table_with_exactly_its_fields() -> None:
    assert {each.__name__ for each in DATACLASSES - TABLES.keys()} == WHOLE
    assert TABLES.keys() <= DATACLASSES
    for each, rules in TABLES.items():
        assert rules.keys() == {field.name for field in dataclasses.fields(each)}, each


def test_a_difference_in_any_field_is_told_and_no_secret_with_it() -> None:
    plan = full_plan()
    seen: set[tuple[str, str]] = set()
    for where, other in variants(plan, Plan):
        assert where is not None
        name = where[0].__name__, where[1]
        seen.add(name)
        changes = compare(plan, other)
        back = compare(other, plan)
        text = as_text([*changes, *back])
        assert (not changes) == (name in SILENT), name
        assert bool(changes) == bool(back), name
        assert all(each.effect for each in [*changes, *back]), name
        assert not any(secret in text for secret in SECRETS), (name, text)
    for each in DATACLASSES:
        hints = get_type_hints(each)
        for field in dataclasses.fields(each):
            # A dataclass that is always there differs only in what is below it.
            below = dataclasses.is_dataclass(hints[field.name]) or (each.__name__, field.name) in NEVER_EMPTY
            assert below or (each.__name__, field.name) in seen


def test_equal_plans_have_no_changes() -> None:
    assert compare(full_plan(), full_plan()) == ()
    assert as_text(()) == "nothing changes\n"


def node(*routers: RouterParams, groups: tuple[tuple[str, ...], ...] = ()) -> Plan:
    return Plan(NodeParams("a", routers, sync_groups=groups), ObserverPlan("a"))


def lines(old: Plan, new: Plan) -> list[str]:
    return [str(change) for change in compare(old, new)]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"interface": "eth1"}, "interface"),
        ({"vrid": 52}, "VRID"),
        ({"version": 2}, "version"),
        ({"virtual_mac": True}, "virtual MAC"),
        ({"vrid": 52, "version": 2}, "VRID and version"),
    ],
)
def test_a_router_with_another_identity_ends_and_begins(changed: dict[str, object], words: str) -> None:
    (change,) = compare(node(WEB), node(dataclasses.replace(WEB, **changed)))  # type: ignore[arg-type]
    assert change.mark is Mark.CHANGED
    assert change.path == "virtual_routers.web"
    assert f"ends here and begins anew, because its {words} change" in change.effect
    assert "the backup serves" in change.effect


def test_routers_come_and_go_and_a_name_is_no_identity() -> None:
    other = dataclasses.replace(WEB, name="api", vrid=60)
    gone, begun = lines(node(WEB), node(other))
    assert gone.startswith("- virtual_routers.web VRID 51 on eth0, IPv4, version 3 (router web ends")
    assert begun.startswith("+ virtual_routers.api VRID 60 on eth0")
    renamed = dataclasses.replace(WEB, name="www")
    (line,) = lines(
        node(WEB, other, groups=(("web", "api"),)), node(renamed, other, groups=(("www", "api"),))
    )
    assert line.startswith("~ virtual_routers.www web -> www (only the name: role and VIPs stay")


def test_a_vip_appears_goes_or_gets_another_prefix() -> None:
    more = dataclasses.replace(WEB, addresses=(VIP, IPv4Interface("10.0.0.6/32")))
    (line,) = lines(node(WEB), node(more))
    assert line.startswith(
        "+ virtual_routers.web.addresses 10.0.0.6/32 (the VIP 10.0.0.6/32 appears on this host"
    )
    (line,) = lines(node(more), node(WEB))
    assert line.startswith(
        "- virtual_routers.web.addresses 10.0.0.6/32 (the VIP 10.0.0.6/32 goes from this host"
    )
    (line,) = lines(node(WEB), node(dataclasses.replace(WEB, addresses=(IPv4Interface("10.0.0.5/32"),))))
    assert line.startswith("~ virtual_routers.web.addresses 10.0.0.5/24 -> 10.0.0.5/32 (the VIP stays")
    swapped = dataclasses.replace(more, addresses=more.addresses[::-1])
    (line,) = lines(node(more), node(swapped))
    assert line.endswith("(only the order: nobody notices)")


def test_keys_are_named_by_their_numbers_alone() -> None:
    def keys(*keys: HmacKey) -> Plan:
        return node(dataclasses.replace(WEB, hmac=HmacParams(keys)))

    one, two = HmacKey(1, b"s3cret" * 6), HmacKey(2, b"t0ken" * 7)
    said = lines(keys(one), keys(two, one))
    assert said[0].startswith("+ virtual_routers.web.auth.hmac key 2 (key 2 verifies")
    assert said[1].startswith("~ virtual_routers.web.auth.hmac signed by key 1 -> by key 2")
    (line,) = lines(keys(one), keys(HmacKey(1, b"pa55word" * 4)))
    assert line.startswith("~ virtual_routers.web.auth.hmac (key 1 was exchanged")
    (line,) = lines(keys(one, two), keys(one))
    assert line.startswith("- virtual_routers.web.auth.hmac key 2")


def test_unicast_peers_are_told_one_by_one() -> None:
    def peers(*hosts: int) -> Plan:
        unicast = Unicast(IPv4Address("10.0.0.1"), tuple(IPv4Address(f"10.0.0.{each}") for each in hosts))
        return node(dataclasses.replace(WEB, unicast=unicast))

    gone, new = lines(peers(2, 3), peers(3, 4))
    assert gone.startswith("- virtual_routers.web.unicast.peers 10.0.0.2")
    assert new.startswith("+ virtual_routers.web.unicast.peers 10.0.0.4")
    (line,) = lines(node(WEB), peers(2))
    assert line.startswith("+ virtual_routers.web.unicast (advertisements go to these peers")


def observer(**fields: object) -> Plan:
    return Plan(NodeParams("a", ()), ObserverPlan("a", **fields))  # type: ignore[arg-type]


def test_a_check_of_the_same_kind_keeps_its_counts() -> None:
    http = HttpCheck("web", url=HttpUrl(False, "h", 80, "/"), headers=(Header("X-Key", "s3cret"),))
    faster = dataclasses.replace(http, every=0.5, headers=(Header("X-Key", "t0ken"),))
    said = lines(observer(checks=(http,)), observer(checks=(faster,)))
    assert said[0] == (
        "~ checks.web.every 1s -> 0.5s (the next run comes accordingly; its verdict and its counts go on)"
    )
    assert [line.split(" (")[0] for line in said[1:]] == [
        "- checks.web.headers X-Key",
        "+ checks.web.headers X-Key",
    ]
    (line,) = lines(observer(checks=(http,)), observer(checks=(LinkCheck("web", "eth0"),)))
    assert line.startswith("~ checks.web http -> link (it begins anew without a verdict")
    gone, begun = lines(observer(checks=(http,)), observer(checks=(LinkCheck("up", "eth0"),)))
    assert gone.startswith("- checks.web http (it ends")
    assert begun.startswith("+ checks.up link (it begins")


def test_the_file_of_a_removed_pool_stays_and_the_plan_says_so() -> None:
    params = PoolParams("app", "app", (ServerParams("10.0.0.9", 80),))
    pool = Pool(params, PoolCheck(), "/etc/nginx/app.conf", Reload(pid_file="/run/nginx.pid"))
    (line,) = lines(observer(pools=(pool,)), observer())
    assert line.startswith("- pools.app upstream app (the file /etc/nginx/app.conf stays as it is")
    more = dataclasses.replace(params, servers=(*params.servers, ServerParams("b", 81, 3)))
    (line,) = lines(observer(pools=(pool,)), observer(pools=(dataclasses.replace(pool, params=more),)))
    assert line.startswith("+ pools.app.servers b:81 weight 3 (it gets requests as soon as it has passed")


def test_services_move() -> None:
    (line,) = lines(observer(), observer(http=Http(Endpoint("::1", 9651))))
    assert line.startswith("~ http.listen 127.0.0.1:9650 -> [::1]:9651 (the status server moves")
    (line,) = lines(observer(), observer(docker=Docker()))
    assert line.startswith("+ docker (")


def test_text_and_data_say_the_same() -> None:
    changes = compare(node(WEB), node(dataclasses.replace(WEB, priority=240, preempt=False)))
    assert as_text(changes).splitlines()[-1] == "2 changes"
    assert as_data(changes)[0] == {
        "mark": "~",
        "path": "virtual_routers.web.priority",
        "effect": changes[0].effect,
        "old": "250",
        "new": "240",
    }


def test_a_shown_value_is_one_bounded_line() -> None:
    long = observer(http=Http(Endpoint("h\n" * 100, 1)))
    (change,) = compare(observer(), long)
    assert len(change.new) <= 80
    assert "\n" not in change.new


def test_rules_that_tell_nothing_are_those_of_derived_and_matched_fields() -> None:
    silent = {
        (of.__name__, name)
        for of, rules in TABLES.items()
        for name, rule in rules.items()
        if rule is elsewhere
    }
    identity = {("RouterParams", each) for each in ("interface", "vrid", "version", "virtual_mac")}
    names = {(of, "name") for of, _ in silent} & silent
    compared = {("Plan", "node"), ("Plan", "observer")}
    compared |= {("NodeParams", each) for each in ("routers", "checks", "sync_groups")}
    compared |= {("ObserverPlan", each) for each in ("checks", "hooks", "pools")}
    compared |= {("HookPrograms", "router")}
    derived = {each for each in SILENT if each[0] not in ("FromEnvironment", "RouterRules")}
    assert silent == derived | identity | names | compared
