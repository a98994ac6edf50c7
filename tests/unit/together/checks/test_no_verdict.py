"""Before the first verdict: for every kind and every reason for which it cannot run, a host is not trusted.

A host that knows nothing about its nginx contends at priority 1, so it never takes the VIP from one that
serves well. A weight whose check cannot run counts as if the check were down.
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from sidecar.core.health.effective_priority import judge
from sidecar.core.health.params import CheckParams
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.plan.check import (
    KINDS,
    Check,
    ContainerCheck,
    DnsCheck,
    ExecCheck,
    FileCheck,
    HttpCheck,
    IcmpCheck,
    LinkCheck,
    NginxCheck,
    PolledCheck,
    ProcessCheck,
    TcpCheck,
)
from sidecar.plan.container import ContainerSelection
from sidecar.plan.endpoints import Endpoint, HttpUrl
from sidecar.plan.services import Docker
from tests.unit.checks.engine import Mood, scripted_engine
from tests.unit.checks.stage import Collector, in_new_network, ip, running, url
from tests.unit.core.stage import believed

pytestmark = pytest.mark.parts

RESULTS = 3
"""Results that are enough."""
LONG_ENOUGH = 1.5
"""Seconds of looking where they do not come: as long as an engine needs that does not answer."""
NOBODY = "no-such-host.invalid"
Surroundings = Callable[[Path], AbstractContextManager[object]]


@dataclass(frozen=True)
class Case:
    """A check that cannot tell. `docker`: whether there is a docker section; `around`: what is made first."""

    kind: str
    why: str
    check: Callable[[Path], Check]
    docker: bool = False
    around: Surroundings = lambda _: nullcontext()


@contextmanager
def refusing(folder: Path) -> Iterator[None]:
    """The socket of an engine that has died."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / "docker.sock"))
    yield


def engine(mood: Mood) -> Surroundings:
    @contextmanager
    def made(folder: Path) -> Iterator[None]:
        with scripted_engine(folder / "docker.sock") as scripted:
            scripted.mood = mood
            scripted.container = None
            yield

    return made


@contextmanager
def no_proc(_: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "none", "/proc"], check=True)
    yield


def container(_: Path) -> Check:
    return ContainerCheck("it", ContainerSelection("web"))


def written(folder: Path, mode: int) -> Check:
    file = folder / "check"
    file.write_text("#!/bin/sh\n")
    file.chmod(mode)
    return ExecCheck("it", (str(file),))


def no_socket(folder: Path) -> HttpUrl:
    return HttpUrl(False, "", 0, "/", unix_socket=f"{folder}/no.sock")


def a_loop(folder: Path) -> Check:
    (folder / "loop").symlink_to("loop")
    return FileCheck("it", str(folder / "loop" / "flag"))


CASES = [
    Case("container", "no docker section", container),
    Case("container", "no socket", container, docker=True),
    Case("container", "nobody listens on the socket", container, docker=True, around=refusing),
    *(
        Case("container", f"the engine {mood.name.lower()}", container, docker=True, around=engine(mood))
        for mood in Mood
        if mood is not Mood.WELL
    ),
    Case("container", "no such container", container, docker=True, around=engine(Mood.WELL)),
    Case("tcp", "a name that nobody knows", lambda _: TcpCheck("it", Endpoint(NOBODY, 80))),
    Case("tcp", "no network", lambda _: TcpCheck("it", Endpoint("192.0.2.1", 80))),
    Case("http", "a name that nobody knows", lambda _: HttpCheck("it", url(80, host=NOBODY))),
    Case(
        "http",
        "no socket",
        lambda at: HttpCheck("it", no_socket(at)),
    ),
    Case("nginx", "a name that nobody knows", lambda _: NginxCheck("it", url(80, host=NOBODY))),
    Case(
        "nginx",
        "no socket",
        lambda at: NginxCheck("it", no_socket(at)),
    ),
    Case("icmp", "no network", lambda _: IcmpCheck("it", IPv4Address("192.0.2.1"))),
    Case("dns", "no network", lambda _: DnsCheck("it", Endpoint("192.0.2.1", 53), "web.example")),
    Case("file", "a loop of links", a_loop),
    Case("file", "a name that is too long", lambda at: FileCheck("it", str(at / ("x" * 300)))),
    Case(
        "file",
        "the file that must be there is not",
        lambda at: FileCheck("it", str(at / "ready"), present=True),
    ),
    Case("exec", "no such program", lambda at: ExecCheck("it", (str(at / "check"),))),
    Case("exec", "not executable", lambda at: written(at, 0o644)),
    Case("exec", "a folder", lambda at: ExecCheck("it", (str(at),))),
    Case("exec", "no shell that it names", lambda _: ExecCheck("it", ("/proc/version",))),
    Case("link", "no such interface", lambda _: LinkCheck("it", "none0")),
    Case("process", "no such process", lambda _: ProcessCheck("it", "nosuchprocess")),
    Case("process", "no /proc", lambda _: ProcessCheck("it", "nginx"), around=no_proc),
]


def worth(results: list[CheckResult], weight: int | None) -> list[int]:
    """The priority of a host of 200 with this check alone: before any result and after each of them."""
    params = CheckParams("it", "kind", weight=weight, max_age=60.0)
    seen = [results[:count] for count in range(len(results) + 1)]
    return [judge(200, [believed(params, *each)]).priority for each in seen]


def observe(case: Case, folder: Path) -> Collector:
    with case.around(folder):
        docker = Docker(url=f"unix://{folder}/docker.sock") if case.docker else None
        check = case.check(folder)
        assert check.kind == case.kind
        if isinstance(check, PolledCheck):
            check = replace(check, every=0.2, timeout=0.2)
        with running([check], docker) as seen:
            began = time.monotonic()

            def waits() -> bool:
                # Of all but an engine there is a first result, however late on a busy machine.
                first = not seen.results and check.kind != "container"
                return time.monotonic() - began < (20.0 if first else LONG_ENOUGH)

            while len(seen.results) < RESULTS and waits():
                time.sleep(0.02)
        return seen


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.why}")
def test_a_check_that_cannot_run_leaves_the_host_at_priority_one(case: Case, tmp_path: Path) -> None:
    seen = in_new_network(lambda: observe(case, tmp_path), mounts=True)
    results = [each.result for each in seen.results]
    # An engine that hangs says nothing for a while, and silence is no result either.
    assert results or case.kind == "container"
    assert not [each for each in results if each.outcome is Outcome.PASS]
    assert set(worth(results, None)) == {UNFIT_PRIORITY}
    assert set(worth(results, -50)) == {150}
    assert set(worth(results, 50)) == {200}


def test_every_kind_has_a_case() -> None:
    assert {case.kind for case in CASES} == set(KINDS)


_ICMP = """
import json, sys
from ipaddress import ip_address
from sidecar.plan.check import IcmpCheck
from tests.unit.checks.stage import running
with running([IcmpCheck("it", ip_address("127.0.0.1"))]) as seen:
    seen.wait(lambda: len(seen.results) > 1)
print(json.dumps([[each.result.outcome, each.result.detail] for each in seen.results]))
"""


def test_a_ping_without_the_right_to_send_one_leaves_the_host_at_priority_one() -> None:
    def work() -> str:
        ip("link", "set", "lo", "up")
        Path("/proc/sys/net/ipv4/ping_group_range").write_text("1 0")
        command = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw", sys.executable, "-c"]
        return subprocess.run(
            [*command, _ICMP], check=True, capture_output=True, text=True, timeout=60
        ).stdout

    said = json.loads(in_new_network(work))
    results = [CheckResult(Outcome(outcome), detail) for outcome, detail in said]
    assert {result.outcome for result in results} == {Outcome.ERROR}
    assert set(worth(results, None)) == {UNFIT_PRIORITY}
