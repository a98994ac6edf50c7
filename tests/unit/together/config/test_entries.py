"""An entry with mistakes: the rules about its other keys are asked, and no rule looks at a wrong one."""

from itertools import combinations
from typing import Any

import pytest
import yaml

from sidecar.config.check.kinds import KINDS
from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError
from sidecar.config.pool.pool import Pool
from sidecar.config.router.virtual_router import VirtualRouter

ROUTER = {"interface": "eth0", "vrid": 51, "priority": 250, "addresses": ["10.0.0.100"]}
WRONG: Any = [{}]
"""A value of no key at all."""
NGINX = "http://h/"
FULL: dict[str, dict[str, Any]] = {
    "router": ROUTER
    | {
        "addresses": ["10.0.0.100/24", "10.0.0.1"],
        "advert_interval": "1s",
        "version": 3,
        "preempt": False,
        "preempt_delay": "1s",
        "startup_delay": "3s",
        "refuse_answered": True,
        "source": "10.0.0.1",
        "unicast": {"source": "10.0.0.1", "peers": ["10.0.0.2"]},
        "auth": {"pass": "x"},
        "v4_pseudo_header": True,
        "accept": False,
        "virtual_mac": True,
        "damping": True,
        "hosts": 2,
        "checks": ["a"],
        "hooks": {"post_acquire": ["/x"]},
    },
    "pool": {
        "upstream": "a",
        "servers": ["10.0.0.9:80", "10.0.0.9:80"],
        "check": {"expect": {"body": "x"}, "ca": "/x"},
        "file": "/a",
        "reload": {"container": "x"},
        "slow_start": "1h",
        "sorry": "a:1",
        "token": "b:2",
        "reload_every": "1ms",
        "options": ["x"],
        "server_options": ["max_fails=1"],
    },
    "container": {"container": "x", "on_fail": "restart", "rise": 1, "fall": 1, "weight": 250},
    "tcp": {
        "tcp": "h:1",
        "every": "1s",
        "timeout": "2s",
        "jitter": "90%",
        "max_age": "1s",
        "rise": 1,
        "fall": 1,
        "weight": 250,
    },
    "http": {
        "http": NGINX,
        "expect": {"body": "x"},
        "method": "HEAD",
        "headers": {"A": "b"},
        "host": "h",
        "verify": False,
        "sni": "s",
        "ca": "/x",
        "cert_expiry_warning": "1d",
    },
    "nginx": {"nginx": NGINX, "workers": 2, "max_active": 3},
    "icmp": {"icmp": "224.0.0.1", "count": 2, "max_loss": 3},
    "dns": {"dns": {"server": "10.0.0.1", "name": "a", "expect": ["x"]}},
    "file": {"file": "/x", "present": True},
    "exec": {"exec": ["x"], "user": "1", "every": "100ms"},
    "link": {"link": "eth0"},
    "process": {"process": "x"},
}


def mistakes(kind: str, entry: dict[str, Any]) -> set[tuple[str, str]]:
    """Path and code of everything that is wrong with a file that has this entry."""
    data: dict[str, Any] = {"virtual_routers": {"web": ROUTER}, "checks": {"z": {"link": "lo"}}}
    if kind == "router":
        data |= {
            "virtual_routers": {"web": entry, "other": ROUTER},
            "checks": {"a": {"link": "lo", "weight": 5}},
        }
    elif kind == "pool":
        data |= {"pools": {"a": entry, "b": FULL["pool"]}}
    else:
        data["checks"]["a"] = entry
    with pytest.raises(ConfigError) as raised:
        parse(yaml.safe_dump(data | {"sync_groups": {"g": ["web", "other"]}}), "f", {}, "host-a")
    return {(mistake.message.partition(": ")[0], mistake.code) for mistake in raised.value.mistakes}


@pytest.mark.parametrize("kind", FULL)
def test_no_rule_looks_at_a_key_that_is_wrong(kind: str) -> None:
    """A rule that did would find None there, and end in a traceback instead of a message."""
    every = list(FULL[kind])
    for wrong in (*combinations(every, 1), *combinations(every, 2), tuple(every)):
        found = mistakes(kind, FULL[kind] | dict.fromkeys(wrong, WRONG))
        paths = {path for path, _ in found}
        assert all(any(f".{key}" in path for path in paths) for key in wrong), (wrong, found)


@pytest.mark.parametrize("kind", FULL)
def test_no_rule_looks_at_a_key_that_is_not_there(kind: str) -> None:
    required = ("interface", "vrid", "priority", "addresses", "upstream", "servers", "file", "reload", kind)
    for key in (key for key in FULL[kind] if key in required):
        assert mistakes(kind, {name: value for name, value in FULL[kind].items() if name != key})


@pytest.mark.parametrize(
    ("kind", "wrong", "still"),
    [
        ("tcp", "tcp", ("jitter-range", "max-age-range", "timeout-over-every")),
        ("tcp", "max_age", ("jitter-range", "timeout-over-every")),
        ("http", "ca", ("https-only", "http-body")),
        ("http", "http", ("ca", "http-body")),
        ("pool", "file", ("server-twice", "pool-time", "pool-address", "http-only", "pool-max-fails")),
        ("pool", "servers", ("pool-time", "pool-address", "http-only", "pool-twice")),
        ("router", "interface", ("auth-version", "preempt-delay")),
        ("router", "vrid", ("auth-version", "preempt-delay", "vip-twice")),
    ],
)
def test_what_else_is_wrong_in_an_entry_is_said_in_the_same_go(
    kind: str, wrong: str, still: tuple[str, ...]
) -> None:
    codes = {code for _, code in mistakes(kind, FULL[kind] | {wrong: WRONG})}
    assert codes >= set(still), codes


def test_the_entries_have_every_key() -> None:
    assert FULL["router"].keys() == VirtualRouter.model_fields.keys()
    assert FULL["pool"].keys() == Pool.model_fields.keys()
    common = FULL["tcp"].keys() - {"tcp"}
    for kind, model in KINDS.items():
        assert model.model_fields.keys() - common == FULL[kind].keys() - common
