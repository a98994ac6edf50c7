"""Visitors connect where the checks ask this host, at the VIPs of the routers that use these checks."""

from dataclasses import replace
from ipaddress import ip_address, ip_interface

from sidecar.cli.drill.targets import places, targets
from sidecar.cli.drill.visitor import Place
from sidecar.plan.check import HttpCheck, TcpCheck
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.plan.plan import ObserverPlan
from tests.unit.doctor.handmade import evidence, router

HERE = HttpCheck("http", HttpUrl(tls=False, host="127.0.0.1", port=8088, target="/"))
SAME = TcpCheck("port", Endpoint("localhost", 8088))
ELSEWHERE = TcpCheck("database", Endpoint("10.0.0.5", 5432))
VIPS = (ip_interface("192.0.2.100/32"), ip_interface("192.0.2.101/32"))


def plan(*checks: HttpCheck | TcpCheck) -> ObserverPlan:
    return replace(evidence().plan, checks=checks)


def test_each_check_with_each_vip_and_each_place_once() -> None:
    found = tuple(targets((router(addresses=VIPS),), plan(HERE, SAME, ELSEWHERE), local=False))
    assert [(check.name, str(address)) for check, address, _ in found] == [
        ("http", "192.0.2.100"), ("http", "192.0.2.101"), ("port", "192.0.2.100"), ("port", "192.0.2.101"),
    ]  # fmt: skip
    assert places(found) == tuple(Place(ip_address(vip.ip), 8088) for vip in VIPS)


def test_a_router_has_its_own_checks_if_it_names_some() -> None:
    found = targets((router(addresses=VIPS[:1], checks=("port",)),), plan(HERE, SAME), local=True)
    assert [check.name for check, _, _ in found] == ["port"]


def test_a_place_is_written_with_its_port() -> None:
    assert str(Place(ip_address("192.0.2.100"), 80)) == "192.0.2.100:80"
    assert str(Place(ip_address("2001:db8::1"), 80)) == "[2001:db8::1]:80"
