"""Servers that do not listen where visitors come."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from sidecar.doctor.evidence import Evidence, Listening
from sidecar.doctor.mistakes.not_listening import endpoint, judge
from sidecar.doctor.problem import Severity, Unseen
from sidecar.plan.check import FileCheck, HttpCheck, TcpCheck
from sidecar.plan.endpoints import Endpoint, HttpUrl
from tests.unit.doctor.handmade import HTTP, evidence, problems, unseen


def on(*sockets: str, **settings: int) -> Evidence:
    """Sockets as `ADDRESS PORT`."""
    words = [each.split() for each in sockets]
    listening = tuple(Listening(ip_address(address), int(port)) for address, port in words)
    known = {f"net.{name}.ip_nonlocal_bind": value for name, value in settings.items()}
    return evidence(listening=listening, settings=known)


@pytest.mark.parametrize("where", ["127.0.0.1", "192.0.2.12"])
def test_a_check_passes_where_no_visitor_comes(where: str) -> None:
    (found,) = problems(judge(on(f"{where} 8088")))
    assert found.what == "nothing listens on 192.0.2.100 where visitors come"
    assert f"check http asks port 8088, where a server listens on {where} alone" in found.evidence
    assert found.mend == "listen 8088;   # in nginx.conf, instead of an address"


@pytest.mark.parametrize(
    "sockets",
    [
        ["0.0.0.0 8088"],
        [":: 8088"],
        ["192.0.2.100 8088"],
        ["127.0.0.1 8088", "0.0.0.0 443"],
        ["0.0.0.0 22"],
        [],
    ],
    ids=[
        "everywhere",
        "everywhere, IPv6, too",
        "on the VIP",
        "a status page",
        "nothing runs",
        "nothing at all",
    ],
)
def test_what_is_as_it_should_be_or_not_known(sockets: list[str]) -> None:
    assert problems(judge(on(*sockets))) == []


def test_a_server_on_the_vip_cannot_start_on_the_standby() -> None:
    (found,) = problems(judge(on("192.0.2.100 443", ipv4=0)))
    assert (found.severity, found.mend) == (Severity.WARNING, "sysctl -w net.ipv4.ip_nonlocal_bind=1")
    assert problems(judge(on("192.0.2.100 443", ipv4=1))) == []


def test_a_check_of_another_machine_says_nothing_of_this_one() -> None:
    far = HttpCheck("far", HttpUrl(tls=False, host="192.0.2.77", port=8088, target="/"))
    known = on("127.0.0.1 8088")
    assert problems(judge(replace(known, plan=replace(known.plan, checks=(far,))))) == []


def test_where_a_check_connects_to() -> None:
    assert endpoint(HTTP) == ("127.0.0.1", 8088)
    assert endpoint(TcpCheck("port", Endpoint("127.0.0.1", 80))) == ("127.0.0.1", 80)
    assert endpoint(FileCheck("flag", "/run/flag")) is None
    assert endpoint(HttpCheck("unix", HttpUrl(False, "localhost", 80, "/", "/run/a.sock"))) is None


def test_sockets_that_cannot_be_read_are_said() -> None:
    assert unseen(judge(evidence(listening=Unseen("no /proc")))) == ["no /proc"]
