"""The other hosts are asked again and again, each by itself."""

import asyncio
import json
from queue import SimpleQueue
from typing import Self

from sidecar.observer.life_watch import NodeLost
from sidecar.observer.node_request import url
from sidecar.observer.node_watch import NodeWatch
from sidecar.observer.status_reader import DEADLINE
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.node_record import NodeRecord
from tests.unit.observer.status_server import http, serving
from tests.unit.telemetry.node_documents import document

STATUS = http(json.dumps(document()).encode())
PATIENCE = 120
"""Seconds to wait for what must come."""

Records = tuple[NodeRecord, ...]


class Watched:
    """A watch at work, and what it has shown and told."""

    def __init__(self, *nodes: Endpoint) -> None:
        self.shown: SimpleQueue[Records] = SimpleQueue()
        self.troubles: SimpleQueue[tuple[str, str, str]] = SimpleQueue()
        self.lost: SimpleQueue[NodeLost] = SimpleQueue()
        self.watch = NodeWatch(
            nodes, self.shown.put, lambda *told: self.troubles.put(told), self.lost.put, 0.1
        )
        self.watch.start()

    async def until(self, names: list[str | None]) -> Records:
        """Return the records once the nodes have these names; None: it has a fault."""
        while True:
            records = await asyncio.to_thread(self.shown.get, timeout=PATIENCE)
            found = [None if each.fault or each.told is None else each.told.node for each in records]
            if found == names:
                return records

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.watch.stop(timeout=PATIENCE)


def test_a_host_that_hangs_delays_no_other_one() -> None:
    async def scene() -> None:
        async with serving(b"", stays=True) as hanging, serving(STATUS) as well:
            with Watched(hanging, well) as watched:
                await watched.until(["b"])
                (silent, told) = await watched.until([None, "b"])
                assert silent.fault == f"no answer within {DEADLINE:g} s"
                assert told.read_at > silent.read_at

    asyncio.run(scene())


def test_this_host_is_not_shown() -> None:
    async def scene() -> None:
        async with serving(STATUS, host="127.0.0.1") as own, serving(STATUS) as other:
            with Watched(own, other) as watched:
                (record,) = await watched.until(["b"])
                assert record.url == f"http://127.0.0.2:{other.port}"

    asyncio.run(scene())


def test_a_host_that_has_gone_is_told_of_with_the_reason() -> None:
    async def scene() -> None:
        async with serving(STATUS) as node:
            watched = Watched(node)
            await watched.until(["b"])
        with watched:
            # A question that was under way may end in another way.
            record = NodeRecord("", 0.0)
            while record.fault != "connection refused":
                (record,) = await watched.until([None])
            assert record.told is not None
            told = ("nodes", "unreadable", f"the status of {url(node)} was not read: connection refused")
            while await asyncio.to_thread(watched.troubles.get, timeout=PATIENCE) != told:
                pass

    asyncio.run(scene())


def test_after_a_reload_other_hosts_are_asked_and_what_is_known_of_the_rest_is_kept() -> None:
    async def scene() -> None:
        async with serving(STATUS) as stays, serving(STATUS) as goes, serving(STATUS) as comes:
            with Watched(stays, goes) as watched:
                await watched.until(["b", "b"])
                watched.watch.exchange((comes, stays))
                kept, both = [url(stays)], [url(comes), url(stays)]
                urls: list[str] = []
                while urls != both:
                    shown = await asyncio.to_thread(watched.shown.get, timeout=PATIENCE)
                    urls = [each.url for each in shown]
                    if urls == kept:
                        assert shown[0].told is not None
                watched.watch.exchange(())
                await watched.until([])

    asyncio.run(scene())


def test_without_nodes_nobody_is_asked() -> None:
    with Watched() as watched:
        assert watched.shown.empty()
