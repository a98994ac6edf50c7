"""The Docker engine, or the filter before it, goes away under a serving pair: the VIP does not move.

Real engine, real filter, two hosts in namespaces whose sidecars watch a container of that engine. A
container that dies is noticed afterwards.
"""

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from tests.e2e.own_engine import OwnEngine
from tests.e2e.proxy import Proxy, proxy
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.sightings import longest_gap
from tests.netns.vrrp_daemon import NGINX_CHECKS, Setup, answered, metrics, status
from tests.sample import REST

AWAY = float(os.environ.get("AWAY", "12"))
"""Seconds of a cut: every time-out (2 s), silence (5 s) and pause (up to 5 s) has passed by then."""
CHECKS = {"nginx": {"container": "nginx"}, "http": NGINX_CHECKS["http"]}

pytestmark = [pytest.mark.e2e, pytest.mark.netns, pytest.mark.timeout(AWAY + 180)]


@dataclass
class Stage:
    lab: Lab
    engine: OwnEngine
    filter: Proxy

    def transitions(self) -> int:
        """Of both hosts, since they were started."""
        return sum(
            int(float(value))
            for host in self.lab.hosts.values()
            for value in re.findall(
                r"^vipsidecar_vrrp_transitions_total\{.*\} (\S+)$",
                metrics(host.namespace),
                re.MULTILINE,
            )
        )

    def connected(self) -> list[bool]:
        """Whether the hosts see the engine."""
        hosts = self.lab.hosts.values()
        return [json.loads(answered(host.namespace))["docker_connected"] for host in hosts]

    def checks(self) -> list[bool]:
        """The verdicts on the container checks."""
        documents = [json.loads(answered(host.namespace)) for host in self.lab.hosts.values()]
        return [check["up"] for each in documents for check in each["checks"] if check["name"] == "nginx"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with ExitStack() as stack:
        engine = stack.enter_context(OwnEngine())
        engine.run("nginx")
        before = stack.enter_context(proxy(tmp_path_factory.mktemp("away") / "proxy", engine.socket))
        setup = Setup(
            checks=CHECKS,
            docker=dict.fromkeys("ab", before.url),
            router={"damping": False},
        )
        lab = stack.enter_context(Lab(setup))
        lab.start()
        yield Stage(lab, engine, before)


@pytest.fixture
def pair(shared: Stage) -> Stage:
    wait_until(lambda: shared.connected() == [True, True], 20, "both hosts see the engine")
    wait_until(lambda: shared.checks() == [True, True], 20, "both containers are up")
    shared.lab.await_server("a", within=15)
    shared.lab.await_sole("a", within=15)
    return shared


@contextmanager
def engine_restarted(pair: Stage) -> Iterator[None]:
    pair.engine.stop()
    pair.engine.start()
    yield


@contextmanager
def engine_stopped(pair: Stage) -> Iterator[None]:
    pair.engine.stop()
    try:
        yield
    finally:
        pair.engine.start()


@contextmanager
def engine_killed(pair: Stage) -> Iterator[None]:
    pair.engine.kill()
    try:
        yield
    finally:
        pair.engine.start()


@contextmanager
def engine_hung(pair: Stage) -> Iterator[None]:
    pair.engine.hang()
    try:
        yield
    finally:
        pair.engine.resume()


@contextmanager
def filter_cut(pair: Stage) -> Iterator[None]:
    pair.filter.kill()
    try:
        yield
    finally:
        pair.filter.start()


@contextmanager
def filter_hung(pair: Stage) -> Iterator[None]:
    pair.filter.hang()
    try:
        yield
    finally:
        pair.filter.resume()


@contextmanager
def filter_restarted(pair: Stage) -> Iterator[None]:
    pair.filter.kill()
    pair.filter.start()
    yield


Fault = Callable[[Stage], AbstractContextManager[None]]


def note(fault: str, told: float, gap: float, moved: int) -> None:
    """Keep the figures for docs/docker.md if somebody wants them."""
    if file := os.environ.get("FIGURES"):
        with Path(file).open("a") as figures:
            figures.write(
                f"{fault}: {moved} transitions, UNKNOWN after {told:.1f} s, gap {gap * 1000:.0f} ms\n"
            )


def row(fault: Fault, noticed: bool, *marks: pytest.MarkDecorator) -> ParameterSet:
    return pytest.param(fault, noticed, id=fault.__name__, marks=marks)


@pytest.mark.parametrize(
    ("fault", "noticed"),
    [
        # Each way to go away, and both who can, are in the sample.
        row(engine_restarted, False),
        row(engine_stopped, True),
        row(engine_killed, True, REST),
        row(engine_hung, True),
        row(filter_restarted, False, REST),
        row(filter_cut, True),
        row(filter_hung, True, REST),
    ],
)
def test_an_engine_that_goes_away_moves_nothing(pair: Stage, fault: Fault, *, noticed: bool) -> None:
    lab, before, since, seen = pair.lab, pair.transitions(), time.monotonic(), pair.lab.witness.mark
    told = 0.0
    with fault(pair):
        if noticed:
            wait_until(lambda: pair.connected() == [False, False], 15, "both hosts have noticed")
            told = time.monotonic() - since
            lab.watch_for(max(0.0, AWAY - told))
        else:
            lab.watch_for(6)
        assert pair.checks() == [True, True]
    wait_until(lambda: pair.connected() == [True, True], 20, "both hosts see the engine again")
    lab.watch_for(2)
    gap = longest_gap(lab.client.since(), since)
    note(fault.__name__, told, gap, pair.transitions() - before)
    assert pair.transitions() == before
    assert not [event for event in lab.witness.since(seen) if event.kind == "removed"]
    # A takeover would have needed longer.
    assert gap < 3 * lab.setup.interval + lab.late(since)


def test_what_dies_while_nobody_can_tell_is_found_afterwards(pair: Stage) -> None:
    process = int(pair.engine.docker("inspect", "--format", "{{.State.Pid}}", "nginx"))
    with engine_hung(pair):
        wait_until(lambda: pair.connected() == [False, False], 15, "both hosts have noticed")
        os.kill(process, signal.SIGKILL)
        pair.lab.watch_for(1)
        assert pair.checks() == [True, True]
    wait_until(lambda: pair.checks() == [False, False], 20, "both hosts have found it")
    pair.engine.docker("start", "nginx")
    wait_until(lambda: pair.checks() == [True, True], 10, "both hosts have seen it start")


def test_a_death_after_the_engine_came_back_is_noticed_as_before(pair: Stage) -> None:
    pair.engine.docker("kill", "nginx")
    wait_until(lambda: pair.checks() == [False, False], 1.5, "both hosts have noticed")
    pair.engine.docker("start", "nginx")
    wait_until(lambda: pair.checks() == [True, True], 5, "both hosts have seen it start")


def answers(host: Host) -> bool:
    """Whether the status of a host says how its router stands."""
    with suppress(OSError):
        return status(host.namespace)[0] == HTTPStatus.OK
    return False


def test_a_preferred_host_whose_engine_is_away_at_its_start_takes_no_vip_from_one_that_serves_well(
    tmp_path: Path,
) -> None:
    """It knows nothing about its nginx. When the engine is back and the container is well, it preempts."""
    with ExitStack() as stack:
        engine = stack.enter_context(OwnEngine())
        engine.run("nginx")
        before = stack.enter_context(proxy(tmp_path / "proxy", engine.socket))
        before.kill()
        docker = {"a": before.url, "b": f"unix://{engine.socket}"}
        lab = stack.enter_context(Lab(Setup(checks=CHECKS, docker=docker, router={"damping": False})))
        lab.start(["b"])
        lab.hosts["a"].daemon.start()
        wait_until(lambda: answers(lab.hosts["a"]), 10, "the status of host a")
        lab.watch_for(4 * lab.setup.interval + 1)
        assert lab.holders() == ["b"]
        told = json.loads(answered(lab.hosts["a"].namespace))
        assert told["virtual_routers"][0]["priority"]["effective"] == 1
        assert {check["name"]: check["up"] for check in told["checks"]} == {"nginx": None, "http": True}
        before.start()
        lab.await_server("a", within=20)
        lab.await_sole("a")
