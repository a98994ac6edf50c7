"""A check of the configuration as plain data."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypedDict

from sidecar.config.model import Check, Expect
from sidecar.config.pool_plan import headers, path
from sidecar.plan import check as plan
from sidecar.plan import request
from sidecar.plan.request import Method, StatusRange


class _Polled(TypedDict):
    rise: int
    fall: int
    every: float
    timeout: float
    jitter: float


def check_plan(name: str, check: Check) -> plan.AnyCheck:
    """Return all that a check needs at run time."""
    return _KINDS[check.kind](name, check)


def _polled(check: Check) -> _Polled:
    return {
        "rise": check.rise,
        "fall": check.fall,
        "every": check.interval,
        "timeout": check.deadline,
        "jitter": check.longest_jitter,
    }


def _http(name: str, check: Any) -> plan.HttpCheck:
    return plan.HttpCheck(
        name,
        check.http,
        _expect(check.expect),
        Method(check.method),
        headers(check.headers),
        check.host,
        check.verify,
        check.sni,
        path(check.ca),
        check.cert_expiry_warning,
        **_polled(check),
    )


def _expect(expect: Expect) -> request.Expect:
    status = tuple(StatusRange(low, high) for low, high in expect.status)
    return request.Expect(status, expect.body, expect.regex)


_KINDS: Final[Mapping[str, Callable[[str, Any], plan.AnyCheck]]] = {
    "container": lambda name, c: plan.ContainerCheck(
        name, c.container, c.on_fail == "restart", rise=c.rise, fall=c.fall
    ),
    "tcp": lambda name, c: plan.TcpCheck(name, c.tcp, **_polled(c)),
    "http": _http,
    "nginx": lambda name, c: plan.NginxCheck(name, c.nginx, c.workers, c.max_active, **_polled(c)),
    "icmp": lambda name, c: plan.IcmpCheck(name, c.icmp, c.count, c.max_loss, **_polled(c)),
    "dns": lambda name, c: plan.DnsCheck(
        name, c.dns.server, c.dns.name, plan.RecordType(c.dns.type), c.dns.expect, **_polled(c)
    ),
    "file": lambda name, c: plan.FileCheck(name, str(c.file), c.present, **_polled(c)),
    "exec": lambda name, c: plan.ExecCheck(name, c.exec, c.user, **_polled(c)),
    "link": lambda name, c: plan.LinkCheck(name, c.link, rise=c.rise, fall=c.fall),
    "process": lambda name, c: plan.ProcessCheck(name, c.process, rise=c.rise, fall=c.fall),
}
