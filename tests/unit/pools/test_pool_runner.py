"""The pools thread from its outside: it starts, tells, writes, survives its surroundings and stops.

Modules: pools.nginx_reloader.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sidecar.config.load import parse
from sidecar.config.plan import observer_plan
from sidecar.core.pool.events import PoolReport, Reloaded, ReloadResult, ServerChanged
from sidecar.core.pool.params import PoolParams, ServerParams
from sidecar.core.pool.snapshot import PoolSnapshot
from sidecar.plan.container import ContainerSelection
from sidecar.plan.pool import Pool, PoolCheck, Reload
from sidecar.pools.pool_runner import PoolRunner

ROUTER = "virtual_routers:\n  web: {interface: lo, vrid: 1, priority: 1, addresses: [10.0.0.1]}\n"
CHECK = "{every: 50ms, timeout: 50ms}"


@dataclass
class Collector:
    """A listener that keeps everything and lets a test wait for it."""

    snapshots: tuple[PoolSnapshot, ...] = ()
    reports: list[PoolReport] = field(default_factory=list)
    troubles: list[tuple[str, str, str]] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def pool_reports(self, reports: Iterable[PoolReport]) -> None:
        with self.news:
            self.reports += reports
            self.news.notify_all()

    def pools(self, snapshots: tuple[PoolSnapshot, ...]) -> None:
        with self.news:
            self.snapshots = snapshots
            self.news.notify_all()

    def trouble(self, component: str, reason: str, detail: str) -> None:
        with self.news:
            self.troubles.append((component, reason, detail))
            self.news.notify_all()

    def wait(self, condition: Callable[[], bool], timeout: float = 10.0) -> None:
        with self.news:
            assert self.news.wait_for(condition, timeout), f"not seen: {self.reports[-5:]} {self.troubles}"

    def results(self) -> list[ReloadResult]:
        return [report.result for report in self.reports if isinstance(report, Reloaded)]


@contextmanager
def keeping(text: str) -> Iterator[Collector]:
    plan = observer_plan(parse(ROUTER + text, "x", {}, "a").config)
    collector = Collector()
    keeper = PoolRunner(plan.pools, plan.docker, collector, time.monotonic)
    keeper.start()
    try:
        yield collector
    finally:
        began = time.monotonic()
        keeper.stop(5.0)
        assert time.monotonic() - began < 4, "it was given up, and did not end"


@contextmanager
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def pool(folder: Path, *servers: str, **more: str) -> str:
    keys = "".join(f"    {key}: {value}\n" for key, value in more.items())
    return (
        f"pools:\n  app:\n    upstream: app\n    servers: {list(servers)}\n    check: {CHECK}\n"
        f"    file: {folder}/app.conf\n    reload: {{pid_file: {folder}/nginx.pid, test: []}}\n{keys}"
    )


def test_without_a_pool_there_is_no_thread() -> None:
    keeper = PoolRunner((), None, Collector(), time.monotonic)
    keeper.start()
    assert not [thread for thread in threading.enumerate() if thread.name == "pools"]
    keeper.stop(1.0)


def test_the_first_file_is_there_before_nginx_is(tmp_path: Path) -> None:
    with listener() as port, keeping(pool(tmp_path, f"127.0.0.1:{port}", "127.0.0.1:1")) as seen:
        seen.wait(lambda: bool(seen.results()))
        assert seen.results()[0] is ReloadResult.ABSENT
        text = (tmp_path / "app.conf").read_text()
        assert f"    server 127.0.0.1:{port} max_fails" in text
        assert "    server 127.0.0.1:1 max_fails=0 down; # tcp: connection refused" in text
        (snapshot,) = seen.snapshots
        assert snapshot.state == "failed"
        assert "there is no file" in snapshot.detail


def test_a_folder_that_is_not_there_is_an_error_with_its_name(tmp_path: Path) -> None:
    with keeping(pool(tmp_path / "no", "127.0.0.1:1")) as seen:
        seen.wait(lambda: bool(seen.results()))
        assert seen.results()[0] is ReloadResult.ERROR
        assert f"{tmp_path}/no/app.conf cannot be written: No such file" in seen.snapshots[0].detail


def test_a_name_that_does_not_resolve_takes_no_other_server_along(tmp_path: Path) -> None:
    names = ("127.0.0.1:{}", "no.such.name.invalid:80")
    with listener() as port, keeping(pool(tmp_path, names[0].format(port), names[1])) as seen:
        seen.wait(lambda: bool(seen.results()), 20)
        servers = {server.name: server for server in seen.snapshots[0].servers}
        assert servers[f"127.0.0.1:{port}"].up is True
        assert servers[names[1]].up is None
        assert "does not resolve" in servers[names[1]].detail


def test_a_name_is_all_its_addresses(tmp_path: Path) -> None:
    with keeping(pool(tmp_path, "localhost:1")) as seen:
        seen.wait(lambda: any(isinstance(report, ServerChanged) for report in seen.reports))
        assert "127.0.0.1:1" in {server.address for server in seen.snapshots[0].servers}


def test_what_cannot_be_begins_with_a_loud_end() -> None:
    """The configuration refuses this; if it ever passes, it is told and not silent."""
    params = PoolParams("app", "a", (ServerParams("127.0.0.1", 1),))
    pool = Pool(params, PoolCheck(), "/a", Reload(ContainerSelection("x")))
    seen = Collector()
    keeper = PoolRunner([pool], None, seen, time.monotonic)
    keeper.start()
    seen.wait(lambda: bool(seen.troubles))
    assert seen.troubles[0][:2] == ("pools", "thread_ended")
    keeper.stop(1.0)
