"""The plan is plain data that another process can be given, and the observer's part of it holds no key.

Modules: plan.check, plan.container, plan.pool, plan.request.
"""

import dataclasses
import json
import subprocess
import sys
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from sidecar.checks.kind_lookup import builder
from sidecar.config.load import Loaded, parse
from sidecar.config.plan import observer_plan, plan_of
from sidecar.core.params import AuthMode, NodeParams, RouterParams
from sidecar.plan.check import KINDS, AnyCheck
from sidecar.plan.plan import ObserverPlan, Plan

SCALARS = {bool, int, float, str, bytes, NoneType, IPv4Address, IPv6Address, IPv4Interface, IPv6Interface}
FILE = """
node: host-a
virtual_routers:
  web: {interface: lo, vrid: 51, priority: 250, addresses: [10.0.0.100]}
  old: {interface: lo, vrid: 52, priority: 250, addresses: [10.0.0.101], version: 2, auth: {pass: hunTer2}}
  new:
    {interface: lo, vrid: 53, priority: 250, addresses: [10.0.0.102], auth: {hmac: [{id: 1, key_file: KEY}]}}
checks:
  c: {container: {label: [a=b, c]}, on_fail: restart, rise: 1, fall: 5}
  t: {tcp: "127.0.0.1:80", every: 2s, timeout: 1s, jitter: 100ms}
  h:
    http: https://h:8443/x
    expect: {status: "200,301-302", body: b, regex: r}
    headers: {X-A: v}
    method: POST
  n: {nginx: "unix:/run/n.sock:/s", workers: 2, max_active: 9}
  i: {icmp: "fe80::1%lo", count: 5, max_loss: 40%}
  d: {dns: {server: 10.0.0.2, name: a.example, type: MX, expect: ["10 m.example"]}}
  f: {file: /run/flag, present: true}
  e: {exec: [/bin/true, x], user: "7:8"}
  l: {link: lo}
  p: {process: nginx}
pools:
  app:
    upstream: app
    servers: ["10.0.0.9:80", {address: "b:81", weight: 3}]
    file: /etc/nginx/app.conf
    reload: {pid_file: /run/nginx.pid}
    check: {http: /up, scheme: https, headers: {X-B: w}, every: 2s}
docker: {}
log: {level: debug}
"""
KEY = bytes(range(65, 97))


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    key = tmp_path / "key"
    key.write_bytes(KEY)
    key.chmod(0o600)
    return parse(FILE.replace("KEY", str(key)), "f", {}, "host-a")


def reachable(annotation: Any) -> set[Any]:
    """Every type that values of this annotation are made of."""
    if get_origin(annotation) in (Union, UnionType, tuple):
        return set().union(*(reachable(part) for part in get_args(annotation) if part is not Ellipsis))
    if not dataclasses.is_dataclass(annotation):
        return {annotation}
    hints = get_type_hints(annotation)
    return {annotation}.union(*(reachable(hints[field.name]) for field in dataclasses.fields(annotation)))


def test_the_plan_is_made_of_types_that_can_be_sent() -> None:
    for each in reachable(Plan):
        plain = each in SCALARS or issubclass(each, StrEnum)
        assert plain or (each.__dataclass_params__.frozen and "__slots__" in vars(each)), each


def test_no_type_of_the_observer_can_hold_a_key() -> None:
    assert reachable(ObserverPlan).isdisjoint({bytes, NodeParams, RouterParams, AuthMode})


def test_no_key_is_in_what_the_observer_gets(loaded: Loaded) -> None:
    plan = plan_of(loaded)
    assert {router.password for router in plan.node.routers} == {None, b"hunTer2"}
    assert KEY in [key.secret for router in plan.node.routers if router.hmac for key in router.hmac.keys]
    told = json.dumps(dataclasses.asdict(plan.observer), default=str)
    assert "X-A" in told
    for secret in ("hunTer2", KEY.decode(), KEY.hex()):
        assert secret not in told


def test_every_check_arrives_with_all_that_its_kind_has(loaded: Loaded) -> None:
    plan = observer_plan(loaded.config)
    assert [check.kind for check in plan.checks] == list(KINDS)
    assert [check.name for check in plan.checks] == list("cthnidfelp")
    told = [dataclasses.asdict(check) for check in plan.checks]
    paced = {"rise": 2, "fall": 2, "every": 1.0, "timeout": 0.5, "jitter": pytest.approx(0.02)}
    assert told == [
        {
            "name": "c",
            "container": {"name": "", "labels": ("a=b", "c")},
            "restart": True,
            "rise": 1,
            "fall": 5,
        },
        {"name": "t", "endpoint": {"host": "127.0.0.1", "port": 80}}
        | paced
        | {"every": 2.0, "timeout": 1.0, "jitter": pytest.approx(0.1)},
        {
            "name": "h",
            "url": {"tls": True, "host": "h", "port": 8443, "target": "/x", "unix_socket": None},
            "expect": {
                "status": ({"low": 200, "high": 200}, {"low": 301, "high": 302}),
                "body": "b",
                "regex": "r",
            },
            "method": "POST",
            "headers": ({"name": "X-A", "value": "v"},),
            "host": None,
            "verify": True,
            "sni": None,
            "ca": None,
            "expiry_warning": 14 * 86400.0,
        }
        | paced,
        {
            "name": "n",
            "url": {
                "tls": False,
                "host": "localhost",
                "port": 80,
                "target": "/s",
                "unix_socket": "/run/n.sock",
            },
            "workers": 2,
            "max_active": 9,
        }
        | paced,
        {"name": "i", "target": IPv6Address("fe80::1%lo"), "count": 5, "max_loss": 40} | paced,
        {
            "name": "d",
            "server": {"host": "10.0.0.2", "port": 53},
            "query": "a.example",
            "record": "MX",
            "expect": ("10 m.example",),
        }
        | paced,
        {"name": "f", "path": "/run/flag", "present": True} | paced,
        {"name": "e", "argv": ("/bin/true", "x"), "user": {"uid": 7, "gid": 8}} | paced,
        {"name": "l", "interface": "lo", "rise": 2, "fall": 2},
        {"name": "p", "process": "nginx", "rise": 2, "fall": 2},
    ]


def test_a_pool_arrives_whole(loaded: Loaded) -> None:
    (pool,) = observer_plan(loaded.config).pools
    assert (pool.name, pool.file, pool.reload.pid_file) == ("app", "/etc/nginx/app.conf", "/run/nginx.pid")
    assert [(s.host, s.port, s.weight) for s in pool.params.servers] == [("10.0.0.9", 80, 1), ("b", 81, 3)]
    check = pool.check
    assert (check.http, check.tls, check.every, check.timeout) == ("/up", True, 2.0, 0.5)
    assert [(header.name, header.value) for header in check.headers] == [("X-B", "w")]


def test_a_header_is_not_printed_with_its_value(loaded: Loaded) -> None:
    assert "'v'" not in repr(plan_of(loaded).observer)


def test_every_kind_has_a_probe() -> None:
    for check in get_args(AnyCheck):
        hints = get_type_hints(builder(check.kind))
        assert hints["check"] is check


_LEAN = """
import sys
from sidecar.checks.kind_lookup import builder
import sidecar.checks.runner, sidecar.pools.pool_runner, sidecar.telemetry.status_server
import sidecar.telemetry.log, sidecar.telemetry.metrics, sidecar.telemetry.reporter, sidecar.plan.plan
import sidecar.observer.shell, sidecar.router.start
from sidecar.plan.check import KINDS
for kind in KINDS:
    builder(kind)
print([name for name in sys.modules if name.partition(".")[0] in ("pydantic", "pydantic_core", "yaml")])
"""


def test_what_runs_loads_neither_pydantic_nor_yaml() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _LEAN], check=True, capture_output=True, text=True, timeout=60
    )
    assert said.stdout == "[]\n"
