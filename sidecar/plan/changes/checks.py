"""Changes of checks, which are known by their names."""

from collections.abc import Iterator

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


def _kind(of: type, **rules: Rule) -> None:
    """Declare the rules of a kind of check that is told by events."""
    count = f"it counts from the next result; {NOBODY}"
    common = {"name": elsewhere, "rise": value("rise", count), "fall": value("fall", count)}
    table(of, **common, **rules)


def _polled(of: type, **rules: Rule) -> None:
    """Declare the rules of a kind of check that runs every so often."""
    pace = f"the next run comes accordingly; {_GOES_ON}"
    common = {key: value(key, pace, seconds) for key in ("every", "timeout", "jitter")}
    _kind(of, **common, **rules)


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
_kind(
    plan.ContainerCheck,
    container=value("container", _ANEW),
    restart=value("on_fail: restart", "the container is restarted when its check goes down, or is not"),
)
_kind(plan.LinkCheck, interface=value("link", _ANEW))
_kind(plan.ProcessCheck, process=value("process", _ANEW))
_polled(plan.TcpCheck, endpoint=value("tcp", _ANEW))
_polled(
    plan.HttpCheck,
    url=value("http", _ANEW),
    **expect_rules(),
    expiry_warning=value("expiry_warning", "it counts from the next run", seconds),
)
_polled(
    plan.NginxCheck,
    url=value("nginx", _ANEW),
    workers=value("workers", _ANEW),
    max_active=value("max_active", _ANEW),
)
_polled(
    plan.IcmpCheck,
    target=value("icmp", _ANEW),
    count=value("count", _ANEW),
    max_loss=value("max_loss", _ANEW),
)
_polled(
    plan.DnsCheck,
    server=value("dns.server", _ANEW),
    query=value("dns.name", _ANEW),
    record=value("dns.type", _ANEW),
    expect=each("dns.expect", _ANEW, _ANEW, order=f"only the order: {NOBODY}"),
)
_polled(plan.FileCheck, path=value("file", _ANEW), present=value("present", _ANEW))
_polled(plan.ExecCheck, argv=value("exec", _ANEW, program), user=value("user", _ANEW))
