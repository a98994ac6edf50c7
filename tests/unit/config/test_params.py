"""The parameters of the core, and the hash that two hosts compare."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from sidecar.config.load import parse
from sidecar.config.model import Config
from sidecar.config.params import node_params, shared_hash
from sidecar.config.plan import observer_plan
from sidecar.config.router.auth import Auth
from sidecar.core.health.params import DampingParams
from sidecar.core.params import HmacParams, RouterParams, Unicast
from sidecar.plan.check import TcpCheck

BASE = """
node: {node}
virtual_routers:
  web:
    interface: {interface}
    vrid: {vrid}
    priority: {priority}
    addresses: [{addresses}]
    advert_interval: {interval}
    v4_pseudo_header: {pseudo}
    {more}
checks:
  port: {{tcp: "127.0.0.1:80"}}
  slow: {{tcp: "127.0.0.1:80", every: 2s, timeout: 1s, rise: 3, fall: 4, weight: -20}}
  fast: {{tcp: "127.0.0.1:80", every: 100ms}}
  uplink: {{link: eth0}}
"""


def config(more: str = "", **changed: str) -> Config:
    words = {
        "node": "a",
        "interface": "eth0",
        "vrid": "51",
        "priority": "250",
        "addresses": "10.0.0.100, 10.0.0.101/24",
        "interval": "70ms",
        "pseudo": "true",
    }
    return parse(BASE.format(**(words | changed), more=more), "f", {}, "host-a").config


def router(more: str = "") -> RouterParams:
    return node_params(config(more)).routers[0]


def test_router() -> None:
    params = router("preempt_delay: 5s\n    startup_delay: 10s\n    refuse_answered: true")
    assert (params.name, params.interface, params.vrid, params.priority) == ("web", "eth0", 51, 250)
    assert (params.interval_cs, params.preempt, params.preempt_delay) == (7, True, 5.0)
    assert params.startup_delay == 10.0
    assert params.refuse_answered
    assert [str(vip) for vip in params.addresses] == ["10.0.0.100/32", "10.0.0.101/24"]
    assert params.unicast is None


@pytest.mark.parametrize("centiseconds", [1, 7, 29, 57, 58, 114, 115, 4094, 4095])
def test_interval_in_centiseconds_is_exact(centiseconds: int) -> None:
    params = node_params(config(interval=f"{centiseconds / 100:.2f}s"))
    assert params.routers[0].interval_cs == centiseconds


def test_unicast() -> None:
    unicast = router("unicast: {source: 10.0.0.1, peers: [10.0.0.2, 10.0.0.3]}").unicast
    assert unicast is not None
    assert (str(unicast.source), [str(peer) for peer in unicast.peers]) == (
        "10.0.0.1",
        ["10.0.0.2", "10.0.0.3"],
    )


@pytest.mark.parametrize(
    ("more", "names"),
    [("", ("port", "slow", "fast", "uplink")), ("checks: [fast]", ("fast",)), ("checks: []", ())],
)
def test_a_router_depends_on_the_checks_it_names_or_on_all(more: str, names: tuple[str, ...]) -> None:
    assert router(more).checks == names


def test_checks() -> None:
    checks = {check.name: check for check in node_params(config()).checks}
    assert checks["port"].max_age == 3 * 1.0 + 0.5
    assert checks["slow"].max_age == 3 * 2.0 + 1.0
    assert checks["fast"].max_age == 2.0
    assert checks["uplink"].max_age is None
    assert (checks["slow"].rise, checks["slow"].fall, checks["slow"].weight) == (3, 4, -20)
    assert (checks["uplink"].kind, checks["uplink"].weight) == ("link", None)


def test_defaults_of_a_polled_check() -> None:
    checks = [check for check in observer_plan(config()).checks if isinstance(check, TcpCheck)]
    assert {check.name: (check.every, check.timeout) for check in checks} == {
        "port": (1.0, 0.5),
        "slow": (2.0, 1.0),
        "fast": (0.1, 0.1),
    }


MESH = "unicast: {source: 10.0.0.%s, peers: [10.0.0.%s, 10.0.0.%s]}"


def test_hash_is_48_bits_in_hex_and_exact_as_a_metric() -> None:
    digest = shared_hash(config())
    assert len(digest) == 12
    assert f"{int(float(int(digest, 16))):012x}" == digest


@pytest.mark.parametrize(
    "changed",
    [{"node": "b"}, {"priority": "240"}, {"interface": "eth1"}, {"addresses": "10.0.0.101/24, 10.0.0.100"}],
)
def test_hash_is_the_same_on_both_hosts(changed: dict[str, str]) -> None:
    assert shared_hash(config(**changed)) == shared_hash(config())


def test_one_list_of_all_hosts_serves_every_host_and_the_own_entry_is_no_peer() -> None:
    every = "unicast: {source: 10.0.0.%s, peers: [10.0.0.1, 10.0.0.2, 10.0.0.3]}"
    for own in (1, 2, 3):
        (router,) = node_params(config(every % own)).routers
        assert router.unicast is not None
        assert {int(str(peer)[-1]) for peer in router.unicast.peers} == {1, 2, 3} - {own}
    assert shared_hash(config(every % 1)) == shared_hash(config(MESH % (2, 3, 1)))


def test_hash_is_the_same_on_every_host_of_a_mesh() -> None:
    assert len({shared_hash(config(MESH % hosts)) for hosts in [(1, 2, 3), (2, 3, 1), (3, 1, 2)]}) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"vrid": "52"},
        {"addresses": "10.0.0.100"},
        {"interval": "1s"},
        {"pseudo": "false"},
        {"more": MESH % (1, 2, 3)},
    ],
)
def test_hash_differs_when_the_hosts_would_not_understand_each_other(changed: dict[str, str]) -> None:
    assert shared_hash(config(**changed)) != shared_hash(config())


def test_hash_differs_when_a_peer_is_forgotten() -> None:
    forgotten = "unicast: {source: 10.0.0.1, peers: [10.0.0.2]}"
    assert shared_hash(config(forgotten)) != shared_hash(config(MESH % (1, 2, 3)))


# ---- authentication


def keyed(tmp_path: Path, more: str = "", **changed: str) -> HmacParams:
    for number in (1, 2):
        (tmp_path / f"key{number}").write_bytes(bytes([number]) * 32)
    keys = ", ".join(f"{{id: {7 - n}, key_file: {tmp_path / f'key{n}'}}}" for n in (1, 2))
    hmac = node_params(config(f"auth: {{hmac: [{keys}]{more}}}", **changed)).routers[0].hmac
    assert hmac is not None
    return hmac


def test_keys_stay_in_their_order_because_the_first_signs(tmp_path: Path) -> None:
    assert [(key.id, key.secret) for key in keyed(tmp_path).keys] == [(6, b"\1" * 32), (5, b"\2" * 32)]


@pytest.mark.parametrize(("more", "mode"), [("", "enforce"), (", mode: receive-only", "receive-only")])
def test_who_has_keys_enforces_them_unless_told_otherwise(tmp_path: Path, more: str, mode: str) -> None:
    assert keyed(tmp_path, more).mode == mode


@pytest.mark.parametrize(
    ("interval", "more", "window"),
    [
        ("100ms", "", 5.0),
        ("1s", "", 5.0),
        ("1660ms", "", 5.0),
        ("2s", "", 6.0),
        ("40950ms", "", 122.85),
        ("2s", ", window: 1s", 1.0),
        ("1s", ", window: 5m", 300.0),
    ],
)
def test_the_window_is_three_intervals_and_at_least_5_s_unless_told_otherwise(
    tmp_path: Path, interval: str, more: str, window: float
) -> None:
    assert keyed(tmp_path, more, interval=interval).window == pytest.approx(window)


def test_the_default_window_of_a_slow_version_2_is_bounded() -> None:
    assert Auth().window_for(255.0) == 300.0


def test_a_password_of_version_2_is_bytes_and_is_not_printed() -> None:
    params = node_params(config("version: 2\n    auth: {pass: hunTer2}", interval="1s")).routers[0]
    assert (params.password, params.hmac) == (b"hunTer2", None)
    assert "hunTer2" not in repr(params)


@pytest.mark.parametrize(
    ("more", "damping"),
    [
        ("", DampingParams(0, 3.0, 300.0, 600.0)),
        ("damping: true", DampingParams()),
        ("damping: {}", DampingParams()),
        ("damping: {free: 0, hold: 30s, max: 10m, forget: 1h}", DampingParams(0, 30.0, 600.0, 3600.0)),
        ("damping: false", None),
    ],
)
def test_damping_is_on_unless_it_is_switched_off(more: str, damping: DampingParams | None) -> None:
    assert router(more).damping == damping


def test_a_router_knows_the_weights_of_its_own_checks() -> None:
    assert router().weights == (-20,)
    assert router("checks: [port]").weights == ()


def test_hash_without_a_source_is_that_of_one_file_for_all_hosts() -> None:
    listed = ("unicast: {peers: [10.0.0.1, 10.0.0.2]}", "unicast: {peers: [10.0.0.2]}")
    assert len({shared_hash(config(each)) for each in listed}) == 1
    assert router(listed[0]).unicast == Unicast(None, (ip_address("10.0.0.1"), ip_address("10.0.0.2")))
