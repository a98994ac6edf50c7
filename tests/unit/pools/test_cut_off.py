"""Causes of silence: transcripts of routes and findings."""

import errno

import pytest

from sidecar.checks import os_errors
from sidecar.checks.probe import Finding
from sidecar.checks.route import Route
from sidecar.core.health.result import Outcome
from sidecar.pools.cut_off import LOOK_EVERY, SETTLE, CutOff

ONE, TWO = "10.0.0.21", "10.0.0.22"
SILENT = Finding(Outcome.TIMEOUT, "no answer within 200 ms: tcp: not connected")
NO_ROUTE = os_errors.finding(OSError(errno.ENETUNREACH, ""))
PASS = Finding(Outcome.PASS, "http: 200")
REFUSED = os_errors.finding(OSError(errno.ECONNREFUSED, ""))
LOST = Route(obstacle="eth0 has no carrier")


class Host:
    """Its routes and its clock, both set by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.told: list[str] = []
        self.routes = {ONE: Route(), TWO: Route()}
        self.cut = CutOff(lambda: self.routes, self.told.append, lambda: self.now, look=self.look)

    def look(self, ip: str) -> Route:
        self.asked += 1
        return self.routes[ip]

    def lose(self, *ips: str, to: Route = LOST) -> None:
        self.routes |= dict.fromkeys(ips or self.routes, to)

    def after(self, seconds: float, finding: Finding, ip: str = ONE) -> Outcome:
        self.now += seconds
        return self.cut.review(f"{ip}:80", finding).outcome


@pytest.mark.parametrize("finding", [SILENT, NO_ROUTE, os_errors.finding(OSError(errno.EADDRNOTAVAIL, ""))])
def test_without_a_way_to_anybody_a_silence_is_ours_and_told_once(finding: Finding) -> None:
    host = Host()
    host.lose()
    assert [host.after(0.2, finding, ip) for ip in (ONE, TWO, ONE)] == [Outcome.UNKNOWN] * 3
    assert host.told == ["eth0 has no carrier"]
    host.lose(to=Route())
    assert host.after(0.2, PASS) is Outcome.PASS
    assert host.told == ["eth0 has no carrier", ""]
    assert host.after(0.2, finding) is finding.outcome


def test_a_server_whose_run_began_while_the_host_was_cut_off_is_excused_though_another_answers() -> None:
    host = Host()
    host.lose()
    host.after(0.2, SILENT)
    host.lose(to=Route())
    assert host.after(0.1, PASS) is Outcome.PASS
    assert host.told == ["eth0 has no carrier", ""]
    assert host.after(0.1, SILENT, TWO) is Outcome.UNKNOWN
    assert host.after(0.1, SILENT) is Outcome.TIMEOUT
    assert host.after(SETTLE, SILENT, TWO) is Outcome.TIMEOUT


def test_while_somebody_can_be_reached_silence_is_the_servers() -> None:
    host = Host()
    host.lose(ONE)
    assert host.after(0.2, SILENT) is Outcome.TIMEOUT
    assert host.after(0.2, NO_ROUTE) is Outcome.FAIL
    assert host.told == []


@pytest.mark.parametrize("finding", [PASS, REFUSED, Finding(Outcome.FAIL, "http: status 503")])
def test_an_answer_is_an_answer_whatever_the_routes_are(finding: Finding) -> None:
    host = Host()
    host.lose()
    assert host.after(0.2, finding) is finding.outcome
    assert host.told == []


def test_our_other_faults_say_nothing_of_the_way() -> None:
    host = Host()
    host.lose()
    host.after(0.2, SILENT)
    host.lose(to=Route())
    assert host.after(0.2, os_errors.finding(OSError(errno.EMFILE, ""))) is Outcome.ERROR
    assert host.told == ["eth0 has no carrier"]


def test_after_the_return_silence_is_excused_until_somebody_answers_but_not_for_long() -> None:
    host = Host()
    host.lose()
    host.after(0.2, SILENT)
    host.lose(to=Route())
    # The first run may have begun while the host was cut off, however long it took.
    assert host.after(60.0, SILENT) is Outcome.UNKNOWN
    assert host.after(SETTLE - 0.1, SILENT, TWO) is Outcome.UNKNOWN
    assert host.after(0.2, SILENT) is Outcome.TIMEOUT
    assert host.told == ["eth0 has no carrier", ""]


def test_a_link_that_comes_and_goes_is_one_event() -> None:
    host = Host()
    host.lose()
    for _ in range(3):
        host.lose()
        assert host.after(SETTLE - 0.1, SILENT) is Outcome.UNKNOWN
        host.lose(to=Route())
        assert host.after(SETTLE - 0.1, SILENT) is Outcome.UNKNOWN
    assert host.told == ["eth0 has no carrier"]


def test_a_default_route_elsewhere_is_no_way_to_a_network_that_was_on_the_link() -> None:
    host = Host()
    host.after(0.2, PASS)
    host.after(0.2, PASS, TWO)
    host.lose(to=Route("192.0.2.254"))
    assert host.after(0.2, SILENT) is Outcome.UNKNOWN
    # If they answer there, it is one.
    assert host.after(0.2, PASS) is Outcome.PASS
    assert host.after(0.2, SILENT) is Outcome.TIMEOUT


def test_servers_that_never_answered_by_another_way_are_judged() -> None:
    host = Host()
    host.lose(to=Route("192.0.2.254"))
    assert host.after(0.2, SILENT) is Outcome.TIMEOUT


def test_a_kernel_that_does_not_say_is_no_evidence() -> None:
    host = Host()

    def refuse(_: str) -> Route:
        raise PermissionError(errno.EPERM, "no netlink here")

    cut = CutOff(lambda: host.routes, host.told.append, lambda: host.now, look=refuse)
    assert cut.review(f"{ONE}:80", SILENT).outcome is Outcome.TIMEOUT
    assert cut.review(f"{ONE}:80", PASS).outcome is Outcome.PASS


def test_a_large_pool_is_looked_at_once_and_not_once_for_each_server() -> None:
    host = Host()
    host.routes = {f"10.0.1.{number}": LOST for number in range(200)}
    for number in range(200):
        host.after(LOOK_EVERY / 400, SILENT, f"10.0.1.{number}")
    assert host.asked == 200
    host = Host()
    host.routes = {f"10.0.1.{number}": LOST for number in range(200)} | {ONE: Route()}
    for number in range(200):
        host.after(0.001, SILENT, f"10.0.1.{number}")
    assert host.asked == 201 + 199
