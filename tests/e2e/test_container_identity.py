"""Which container is meant, with a real engine: by labels of compose and Swarm, and through a rename."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.checks.runner import CheckRunner
from sidecar.core.health.result import Outcome
from sidecar.plan.check import ContainerCheck
from sidecar.plan.container import ContainerSelection
from sidecar.plan.services import Docker
from sidecar.pools.nginx_container import NginxContainer
from tests.e2e.own_engine import OwnEngine
from tests.e2e.proxy import proxy
from tests.unit.checks.stage import Collector, running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

SERVICE = "com.docker.compose.service=nginx"
PROJECT = "com.docker.compose.project=shop"
TASK = "com.docker.swarm.service.name=web_nginx"
BY_NAME = [ContainerCheck("nginx", ContainerSelection("nginx-a"))]
BY_SERVICE = [ContainerCheck("nginx", ContainerSelection(labels=(PROJECT, SERVICE)))]
BY_TASK = [ContainerCheck("nginx", ContainerSelection(labels=(TASK,)))]


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[OwnEngine]:
    with OwnEngine() as own:
        yield own


@pytest.fixture
def engine(shared_engine: OwnEngine) -> Iterator[OwnEngine]:
    yield shared_engine
    for name in shared_engine.docker("ps", "--all", "--quiet").split():
        shared_engine.docker("rm", "--force", name)


def labelled(engine: OwnEngine, name: str, *labels: str) -> None:
    engine.run(name, options=tuple(word for label in labels for word in ("--label", label)))


def last(seen: Collector) -> str:
    return seen.results[-1].result.detail


def calm(seen: Collector, mark: int, seconds: float = 1.0) -> None:
    """Nothing but passes from here on."""
    time.sleep(seconds)
    assert seen.outcomes(mark) <= {Outcome.PASS}, [s.result for s in seen.results[mark:]]


def test_a_renamed_container_is_followed_for_its_life(engine: OwnEngine) -> None:
    engine.run("nginx-a")
    with running(BY_NAME, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.PASS)
        mark = len(seen.results)
        engine.docker("rename", "nginx-a", "web-old")
        seen.wait(lambda: last(seen) == "running (now called web-old)")
        calm(seen, mark, seconds=7)  # looked at again, without an event
        engine.docker("kill", "web-old")
        assert seen.after(mark, Outcome.FAIL)[0].result.detail.startswith("main process died")
        mark = len(seen.results)
        engine.docker("start", "web-old")
        seen.after(mark, Outcome.PASS)
        mark = len(seen.results)
        engine.docker("rm", "--force", "web-old")
        seen.wait(lambda: last(seen) == "no such container")


def test_who_gets_the_name_next_is_meant_as_soon_as_it_runs(engine: OwnEngine) -> None:
    engine.run("nginx-a")
    with running(BY_NAME, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.PASS)
        mark = len(seen.results)
        engine.docker("rename", "nginx-a", "web-old")
        seen.wait(lambda: last(seen) == "running (now called web-old)")
        engine.run("nginx-a")
        seen.wait(lambda: last(seen) == "running")
        engine.docker("rm", "--force", "web-old")
        calm(seen, mark)
        engine.docker("kill", "nginx-a")
        seen.after(mark, Outcome.FAIL)


def test_a_service_of_compose_is_found_and_its_next_container_too(engine: OwnEngine) -> None:
    with running(BY_SERVICE, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.FAIL)
        assert last(seen) == f"no container has the label {PROJECT} and label {SERVICE}"
        labelled(engine, "shop-nginx-1", PROJECT, SERVICE)
        labelled(engine, "blog-nginx-1", "com.docker.compose.project=blog", SERVICE)
        seen.after(0, Outcome.PASS)
        assert last(seen) == "running (shop-nginx-1)"
        mark = len(seen.results)
        engine.docker("kill", "blog-nginx-1")
        calm(seen, mark)
        engine.docker("rm", "--force", "shop-nginx-1")
        seen.after(mark, Outcome.FAIL)
        mark = len(seen.results)
        labelled(engine, "shop-nginx-2", PROJECT, SERVICE)
        seen.after(mark, Outcome.PASS)


def test_what_compose_run_starts_is_no_part_of_the_service(engine: OwnEngine) -> None:
    labelled(engine, "shop-nginx-run-1", PROJECT, SERVICE, "com.docker.compose.oneoff=True")
    with running(BY_SERVICE, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.FAIL)
        assert last(seen).startswith("no container")


def test_an_update_that_starts_the_next_task_first_is_no_failure(engine: OwnEngine) -> None:
    labelled(engine, "web_nginx.1.old", TASK)
    engine.docker("kill", "web_nginx.1.old")  # Swarm keeps some that have ended
    labelled(engine, "web_nginx.1.k2n3j4", TASK)
    with running(BY_TASK, Docker(url=engine.url)) as seen:
        seen.after(0, Outcome.PASS)
        assert last(seen) == "running (web_nginx.1.k2n3j4)"
        mark = len(seen.results)
        labelled(engine, "web_nginx.1.m5p6q7", TASK)
        seen.wait(lambda: last(seen) == "running (web_nginx.1.k2n3j4, one of 2 that run and fit)")
        engine.docker("kill", "web_nginx.1.k2n3j4")
        seen.wait(lambda: last(seen) == "running (web_nginx.1.m5p6q7)")
        engine.docker("rm", "web_nginx.1.k2n3j4")
        calm(seen, mark)
        engine.docker("kill", "web_nginx.1.m5p6q7")
        assert seen.after(mark, Outcome.FAIL)[0].result.detail.startswith("main process died")


def test_through_the_filter_names_and_labels_with_nginx_are_found(engine: OwnEngine, tmp_path: Path) -> None:
    labelled(engine, "shop-nginx-1", PROJECT, SERVICE)
    with (
        proxy(tmp_path / "proxy", engine.socket) as before,
        running(BY_SERVICE, Docker(url=before.url)) as seen,
    ):
        seen.after(0, Outcome.PASS)
        mark = len(seen.results)
        engine.docker("rename", "shop-nginx-1", "old-nginx-1")
        seen.wait(lambda: last(seen) == "running (old-nginx-1)")
        calm(seen, mark)
        engine.docker("kill", "old-nginx-1")
        seen.after(mark, Outcome.FAIL)
        assert seen.troubles == []


@pytest.mark.parametrize("name", ["shop-nginx-1", "renamed-nginx"])
def test_the_container_that_is_followed_is_the_one_that_is_restarted(engine: OwnEngine, name: str) -> None:
    labelled(engine, "shop-nginx-1", PROJECT, SERVICE)
    check = ContainerCheck("nginx", ContainerSelection(labels=(PROJECT, SERVICE)), restart=True)
    seen = Collector()
    runner = CheckRunner([check], Docker(url=engine.url), seen)
    runner.start()
    try:
        seen.after(0, Outcome.PASS)
        runner.verdict("nginx", up=True)
        if name != "shop-nginx-1":
            engine.docker("rename", "shop-nginx-1", name)
        mark = len(seen.results)
        engine.crash(name)
        seen.after(mark, Outcome.FAIL)
        runner.verdict("nginx", up=False)
        seen.after(mark, Outcome.PASS)
        seen.wait(lambda: bool(seen.restarts))
        assert seen.restarts[0][1:3] == ("ok", f"container {name} was restarted: its check was down")
    finally:
        runner.stop(5.0)


def test_a_pool_reaches_its_nginx_by_label_and_through_a_rename(engine: OwnEngine) -> None:
    labelled(engine, "shop-nginx-1", PROJECT, SERVICE)
    selections = (ContainerSelection("shop-nginx-1"), ContainerSelection(labels=(PROJECT, SERVICE)))

    async def scenario() -> None:
        for number, selection in enumerate(selections):
            said: list[str] = []
            nginx = NginxContainer(engine.url, selection, ("sleep", "0"), 5.0, said.append)
            assert await nginx.test() is None
            before = engine.docker("ps", "--format", "{{.Names}}")
            engine.docker("rename", before, f"web-{number}")
            assert await nginx.test() is None
            await nginx.reload()
            nginx.close()
            assert said == []
            engine.docker("rename", f"web-{number}", before)

    asyncio.run(scenario())


def test_a_task_that_dies_beside_another_is_no_failure(engine: OwnEngine) -> None:
    for name in ("web_nginx.1.a", "web_nginx.2.b"):
        labelled(engine, name, TASK)
    with running(BY_TASK, Docker(url=engine.url)) as seen:
        seen.wait(lambda: "one of 2" in last(seen) if seen.results else False)
        mark = len(seen.results)
        followed = last(seen).removeprefix("running (").partition(",")[0]
        engine.crash(followed)
        seen.wait(lambda: "one of" not in last(seen))
        calm(seen, mark)
