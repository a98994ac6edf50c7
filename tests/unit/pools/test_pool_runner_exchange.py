"""Pools are exchanged while they are kept: what is equal goes on, what is gone leaves its file as it is."""

import asyncio
import dataclasses
import gc
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sidecar.core.pool.params import PoolParams, ServerParams
from sidecar.plan.pool import Pool, PoolCheck, Reload
from sidecar.pools.pool_runner import PoolRunner
from tests.unit.pools.test_pool_runner import Collector, listener

pytestmark = pytest.mark.parts

DEAD = "127.0.0.1:1"


def pool(folder: Path, name: str, *servers: str, test: tuple[str, ...] = ()) -> Pool:
    hosts = tuple(ServerParams("127.0.0.1", int(each.rpartition(":")[2])) for each in servers)
    params = PoolParams(name, name, hosts, reload_every=0.1)
    reload = Reload(pid_file=f"{folder}/nginx.pid", test=test)
    return Pool(params, PoolCheck(every=0.05, timeout=0.05), f"{folder}/{name}.conf", reload)


@contextmanager
def keeping(*pools: Pool) -> Iterator[tuple[PoolRunner, Collector]]:
    seen = Collector()
    keeper = PoolRunner(pools, None, seen, time.monotonic)
    keeper.start()
    try:
        yield keeper, seen
    finally:
        keeper.stop(5.0)
        assert not [thread for thread in threading.enumerate() if thread.name == "pools"]


def names(seen: Collector) -> list[str]:
    return [each.name for each in seen.snapshots]


def tasks(prefix: str) -> set[asyncio.Task[object]]:
    every = (each for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done())
    return {each for each in every if each.get_name().startswith(prefix)}


def await_end(*prefixes: str) -> None:
    """Wait until no task is left: what is seen of the others may come a turn before a task has ended."""
    end = time.monotonic() + 10
    while left := set().union(*map(tasks, prefixes)):
        assert time.monotonic() < end, left
        time.sleep(0.005)


def settled(seen: Collector, *wanted: str) -> None:
    """Every pool has tried to put a lineup into service once."""
    seen.wait(lambda: names(seen) == [*wanted] and all(each.state == "failed" for each in seen.snapshots))


def test_the_file_of_a_pool_that_is_gone_stays_and_nobody_is_probed(tmp_path: Path) -> None:
    with (
        listener() as port,
        keeping(pool(tmp_path, "app", f":{port}", DEAD), pool(tmp_path, "b", DEAD)) as both,
    ):
        keeper, seen = both
        settled(seen, "app", "b")
        file = (tmp_path / "app.conf").read_bytes()
        keeper.exchange([pool(tmp_path, "b", DEAD)], None)
        seen.wait(lambda: names(seen) == ["b"])
        time.sleep(0.1)
        await_end("pool app", f"probe 127.0.0.1:{port}")
        with seen.news:
            seen.reports.clear()
        time.sleep(0.3)
        assert "app" not in {getattr(each, "pool", "") for each in seen.reports}
        assert (tmp_path / "app.conf").read_bytes() == file


def test_what_is_equal_goes_on_and_is_not_begun_again(tmp_path: Path) -> None:
    with listener() as port, keeping(pool(tmp_path, "app", f":{port}", DEAD)) as (keeper, seen):
        settled(seen, "app")
        before = tasks("pool app") | tasks("reloader") | tasks("probe")
        verdicts = seen.snapshots[0].servers
        for _ in range(20):
            keeper.exchange([pool(tmp_path, "app", f":{port}", DEAD)], None)
        time.sleep(0.2)
        assert tasks("pool app") | tasks("reloader") | tasks("probe") == before
        assert [(each.name, each.up) for each in seen.snapshots[0].servers] == [
            (each.name, each.up) for each in verdicts
        ]


def test_a_server_more_is_probed_and_one_less_is_not(tmp_path: Path) -> None:
    with listener() as one, listener() as two, keeping(pool(tmp_path, "app", f":{one}")) as (keeper, seen):

        def up(*ports: int) -> bool:
            servers = {each.name: each.up for each in seen.snapshots[0].servers} if seen.snapshots else {}
            return servers == {f"127.0.0.1:{port}": True for port in ports}

        seen.wait(lambda: up(one))
        keeper.exchange([pool(tmp_path, "app", f":{one}", f":{two}")], None)
        seen.wait(lambda: up(one, two))
        keeper.exchange([pool(tmp_path, "app", f":{two}")], None)
        seen.wait(lambda: up(two))
        await_end(f"probe 127.0.0.1:{one}")


def test_the_first_pool_starts_the_thread_and_the_last_one_takes_its_snapshot_along(tmp_path: Path) -> None:
    with keeping() as (keeper, seen):
        assert not [thread for thread in threading.enumerate() if thread.name == "pools"]
        keeper.exchange([pool(tmp_path, "app", DEAD)], None)
        settled(seen, "app")
        keeper.exchange([], None)
        seen.wait(lambda: names(seen) == [])
        await_end("reloader")
        keeper.exchange([pool(tmp_path, "b", DEAD)], None)
        settled(seen, "b")


def test_pools_of_one_nginx_begin_anew_when_it_is_told_otherwise(tmp_path: Path) -> None:
    with keeping(pool(tmp_path, "app", DEAD), pool(tmp_path, "b", DEAD)) as (keeper, seen):
        settled(seen, "app", "b")
        (reloader,) = tasks("reloader")
        other = pool(tmp_path, "app", DEAD, test=("/bin/true",))
        keeper.exchange([other, pool(tmp_path, "b", DEAD)], None)
        seen.wait(lambda: bool(tasks("reloader")) and reloader not in tasks("reloader"))
        settled(seen, "app", "b")
        assert len(tasks("reloader")) == 1


def test_200_exchanges_leave_no_descriptor_thread_or_task_behind(tmp_path: Path) -> None:
    with listener() as port, keeping(pool(tmp_path, "app", f":{port}")) as (keeper, seen):
        one = [pool(tmp_path, "app", f":{port}", DEAD)]
        others: list[list[Pool]] = [
            [],
            [pool(tmp_path, "app", f":{port}"), pool(tmp_path, "b", DEAD)],
            [
                dataclasses.replace(
                    one[0], reload=Reload(pid_file=f"{tmp_path}/other.pid", test=("/bin/true",))
                )
            ],
            [pool(tmp_path, "b", DEAD)],
        ]

        def measured() -> tuple[int, int, int]:
            keeper.exchange([], None)
            seen.wait(lambda: names(seen) == [])
            keeper.exchange(one, None)
            settled(seen, "app")
            gc.collect()
            files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
            return files, len(threading.enumerate()), len(tasks("pool") | tasks("reloader") | tasks("probe"))

        for each in others:
            keeper.exchange(each, None)
            time.sleep(0.05)
        before = tuple(map(max, measured(), measured()))
        for index in range(200):
            keeper.exchange(others[index % 4], None)
            if index % 5 == 0:
                time.sleep(0.01)
        deadline = time.monotonic() + 30
        while _more(after := measured(), before) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not _more(after, before), (after, before)
        assert not [trouble for trouble in seen.troubles if trouble[1] in ("crash", "thread_ended")]


def _more(now: tuple[int, ...], before: tuple[int, ...]) -> bool:
    return any(one > other for one, other in zip(now, before, strict=True))
