"""Changes of checks, which are known by their names."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Final, get_args

from sidecar.core.health.params import CheckParams
from sidecar.plan import check as plan
from sidecar.plan.changes.change import NOBODY, Change, added, changed, removed
from sidecar.plan.changes.rule import Rule, differences, each, elsewhere, nested, table, value
from sidecar.plan.changes.shown import program, seconds
from sidecar.plan.plan import Plan
from sidecar.plan.request import Expect

_GOES_ON = "its verdict and its counts go on"
_ANEW = f"the next run asks accordingly; {_GOES_ON}"


def check_changes(old: Plan, new: Plan) -> Iterator[Change]:
    """Yield what changes about the checks."""
    before, after = ({check.name: check for check in each.observer.checks} for each in (old, new))
    weighed = {params.name: params for params in old.node.checks}
    for name, check in before.items():
        if name not in after:
            yield removed(f"checks.{name}", "it ends, and its series with it", check.kind)
    for name, check in after.items():
        path = f"checks.{name}"
        if name not in before:
            yield added(path, "it begins without a verdict and counts from its first one", check.kind)
        elif before[name].kind != check.kind:
            effect = "it begins anew without a verdict; the series of the old kind end"
            yield changed(path, effect, before[name].kind, check.kind)
        else:
            yield from differences(path, before[name], check)
    for params in new.node.checks:
        known = weighed.get(params.name)
        if known is not None and known.kind == params.kind:
            yield from differences(f"checks.{params.name}", known, params)


def _told(by: type, key: str) -> Rule:
    """Return the rule of a field that all checks, all polled ones, or those of one kind have."""
    if key == "name":
        return elsewhere
    if key in _fields(plan.Check):
        return value(key, f"it counts from the next result; {NOBODY}")
    if issubclass(by, plan.PolledCheck) and key in _fields(plan.PolledCheck):
        return value(key, f"the next run comes accordingly; {_GOES_ON}", seconds)
    return value(key, _ANEW)


def _fields(of: type) -> frozenset[str]:
    return frozenset(field.name for field in fields(of))


def expect_rules() -> dict[str, Rule]:
    """Return the rules of the optional settings of a request over HTTP, which checks and pools share."""
    return {
        "method": value("method", _ANEW),
        "headers": each(
            "headers",
            "the next request has it; its value is not shown",
            "the next request has it no more; its value is not shown",
            order=f"only the order: {NOBODY}",
        ),
        "host": value("host", _ANEW),
        "verify": value("verify", _ANEW),
        "sni": value("sni", _ANEW),
        "ca": value("ca", _ANEW),
        "expect": nested("expect", "", ""),
    }


table(
    Expect,
    status=value("status", _ANEW),
    body=value("body", _ANEW),
    regex=value("regex", _ANEW),
)
_weight = (
    "the effective priority follows while the check is down or up, and the VIP moves if another host has more"
)
table(
    CheckParams,
    name=elsewhere,
    kind=elsewhere,
    rise=elsewhere,
    fall=elsewhere,
    weight=value("weight", _weight),
    max_age=value("max_age", "a result counts as stale later or earlier", seconds),
)
_OTHERWISE: Final[dict[type, dict[str, Rule]]] = {
    plan.ContainerCheck: {
        "restart": value(
            "on_fail: restart", "the container is restarted when its check goes down, or is not"
        ),
    },
    plan.LinkCheck: {"interface": value("link", _ANEW)},
    plan.TcpCheck: {"endpoint": value("tcp", _ANEW)},
    plan.HttpCheck: {
        "url": value("http", _ANEW),
        **expect_rules(),
        "expiry_warning": value("expiry_warning", "it counts from the next run", seconds),
    },
    plan.NginxCheck: {"url": value("nginx", _ANEW)},
    plan.IcmpCheck: {"target": value("icmp", _ANEW)},
    plan.DnsCheck: {
        "server": value("dns.server", _ANEW),
        "query": value("dns.name", _ANEW),
        "record": value("dns.type", _ANEW),
        "expect": each("dns.expect", _ANEW, _ANEW, order=f"only the order: {NOBODY}"),
    },
    plan.FileCheck: {"path": value("file", _ANEW)},
    plan.ExecCheck: {"argv": value("exec", _ANEW, program)},
}
"""Fields whose key in the file has another name, whose value may hold a secret, or that are no single value.

Every other field of a kind is told by its own name, so that a new kind needs nothing here.
"""
for kind in get_args(plan.AnyCheck):
    table(kind, **{key: _told(kind, key) for key in _fields(kind)} | _OTHERWISE.get(kind, {}))
