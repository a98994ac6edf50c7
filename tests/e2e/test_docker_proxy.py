"""The filter lets through what the sidecar needs and nothing else, before a real engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.core.health.result import Outcome
from sidecar.plan.check import ContainerCheck
from sidecar.plan.container import ContainerSelection
from sidecar.plan.services import Docker
from tests.e2e.own_engine import OwnEngine
from tests.e2e.proxy import Proxy, proxy
from tests.unit.checks.stage import Collector, running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

NAME = "nginx-a"
LIST = "limit=-1&all=1&size=0&trunc_cmd=0&"
LABELS = "filters=%7B%22label%22%3A+%5B"


@pytest.fixture(scope="module")
def engine() -> Iterator[OwnEngine]:
    with OwnEngine() as own:
        own.run(NAME)
        own.run("database")
        yield own


@pytest.fixture(scope="module", params=[False, True], ids=["read-only", "restarts"])
def either(
    engine: OwnEngine, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    with proxy(tmp_path_factory.mktemp("p") / "proxy", engine.socket, restarts=request.param) as made:
        yield made


@pytest.fixture
def read_only(engine: OwnEngine, tmp_path: Path) -> Iterator[Proxy]:
    with proxy(tmp_path / "proxy", engine.socket) as made:
        yield made


@pytest.mark.parametrize(
    "line",
    [
        "GET /_ping",
        "HEAD /_ping",
        "GET /version",
        "GET /v1.41/version",
        "GET /v1.41/events?until=1&filters=%7B%22type%22%3A%5B%22container%22%5D%7D",
        f"GET /v1.41/containers/{NAME}/json",
        f"GET /containers/{NAME}/json",
        f"GET /v1.41/containers/json?{LIST}{LABELS}%22com.docker.compose.service%3Dnginx%22%5D%7D",
        f"GET /v1.41/containers/json?{LIST}{LABELS}%22a%3Db%22%2C+%22role%3Dmy-nginx.1%22%2C+%22c%22%5D%7D",
    ],
)
def test_what_the_sidecar_asks_is_let_through(either: Proxy, line: str) -> None:
    assert either.ask(line) == 200


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (f"POST /v1.41/containers/{NAME}/kill?signal=HUP", 204),
        (f"POST /containers/{NAME}/kill?signal=SIGHUP", 204),
        (f"POST /containers/{NAME}/kill?signal=KILL", 403),
        (f"POST /containers/{NAME}/kill?signal=HUP&signal=KILL", 403),
        (f"POST /containers/{NAME}/kill", 403),
        ("POST /containers/database/kill?signal=HUP", 403),
        (f"POST /containers/{NAME}/exec", 403),
    ],
)
def test_with_reloads_allowed_hup_and_no_other_signal_passes(
    engine: OwnEngine, tmp_path: Path, line: str, status: int
) -> None:
    with proxy(tmp_path / "proxy", engine.socket, reloads=True) as filtered:
        assert filtered.ask(line) == status


@pytest.mark.parametrize(
    "line",
    [
        "GET /containers/json",
        "GET /v1.41/containers/json?all=1",
        f"GET /containers/json?{LIST}{LABELS}%22com.docker.compose.service%3Ddatabase%22%5D%7D",
        f"GET /containers/json?{LIST}{LABELS}%22nginx%3Ddatabase%22%5D%7D",
        f"GET /containers/json?{LIST}{LABELS}%22a%3Dnginx%22%5D%2C%22label%22%3A%5B%5D%7D",
        f"GET /containers/json?{LIST}{LABELS}%22a%3Dnginx%22%5D%7D&filters=%7B%7D",
        f"GET /containers/json?filters=%7B%7D&{LABELS}%22a%3Dnginx%22%5D%7D",
        f"GET /containers/json?size=1&{LABELS}%22a%3Dnginx%22%5D%7D",
        "GET /containers/json?filters=%7B%22name%22%3A+%5B%22nginx%22%5D%7D",
        "GET /info",
        "GET /images/json",
        "GET /secrets",
        "GET /containers/database/json",
        f"GET /containers/{NAME}/logs?stdout=1",
        f"GET /containers/{NAME}/export",
        f"GET /containers/{NAME}/archive?path=/etc/shadow",
        f"GET /containers/{NAME}/json?size=1",
        f"GET /containers/{NAME}/../database/json",
        f"GET /containers/{NAME}%2f..%2fdatabase/json",
        f"GET /containers/{NAME}/json/../../database/json",
        f"GET //containers/{NAME}/json",
        "GET http://docker/containers/database/json",
        "POST /containers/create",
        "POST /build",
        "POST /events",
        f"POST /containers/{NAME}/json",
        f"POST /containers/{NAME}/exec",
        f"POST /containers/{NAME}/kill",
        f"POST /containers/{NAME}/stop",
        "POST /containers/database/restart",
        f"POST /containers/{NAME}/restart?t=10&signal=KILL",
        f"POST /containers/{NAME}/update",
        f"PUT /containers/{NAME}/archive?path=/",
        f"DELETE /containers/{NAME}",
        f"DELETE /containers/{NAME}/json",
        f"CONNECT /containers/{NAME}/json",
    ],
)
def test_everything_else_is_refused(either: Proxy, line: str) -> None:
    status = either.ask(line)
    # nginx itself refuses what is no request of its kind: 400 and 405.
    assert status in (400, 403, 405), line


def test_restarts_are_refused_unless_they_were_allowed(
    read_only: Proxy, engine: OwnEngine, tmp_path: Path
) -> None:
    line = f"POST /v1.41/containers/{NAME}/restart?t=0"
    assert read_only.ask(line) == 403
    with proxy(tmp_path / "allowed", engine.socket, restarts=True) as allowed:
        assert allowed.ask(line) == 204


def after(seen: Collector, mark: int, outcome: Outcome) -> str:
    return seen.after(mark, outcome)[0].result.detail


def test_the_container_check_works_through_the_filter(read_only: Proxy, engine: OwnEngine) -> None:
    with running([ContainerCheck("nginx", ContainerSelection(NAME))], Docker(url=read_only.url)) as seen:
        seen.after(0, Outcome.PASS)
        mark = len(seen.results)
        engine.docker("kill", NAME)
        assert after(seen, mark, Outcome.FAIL).startswith("main process died")
        mark = len(seen.results)
        engine.docker("start", NAME)
        seen.after(mark, Outcome.PASS)
        assert seen.troubles == []


def test_a_container_that_the_filter_hides_is_unknown_and_no_failure(read_only: Proxy) -> None:
    with running([ContainerCheck("db", ContainerSelection("database"))], Docker(url=read_only.url)) as seen:
        assert after(seen, 0, Outcome.UNKNOWN) == "the Docker engine answered with status 403"
        assert seen.outcomes() == {Outcome.UNKNOWN}
