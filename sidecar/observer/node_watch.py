"""Reads the status of the other hosts, every few seconds, in a thread with a loop of its own.

It is for people alone: nothing of it reaches the router, so that no host moves a VIP by what it tells here.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from sidecar.checks.resolve import Resolver
from sidecar.clock import clock
from sidecar.loop_thread import LoopThread
from sidecar.observer.life_watch import LifeWatch, NodeLost
from sidecar.observer.node_request import ask, url
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.node_document import NoAnswer, Unreadable
from sidecar.telemetry.node_record import NodeRecord

EVERY: Final = 2.0
"""Seconds between two questions to the same host."""

Records = dict[Endpoint, NodeRecord]
Show = Callable[[tuple[NodeRecord, ...]], None]
Trouble = Callable[[str, str, str], None]
"""Component, reason and detail."""


class NodeWatch:
    """Asks each node by itself, so that one that hangs delays no other.

    `show` gets the records of the other hosts whenever one has changed, `trouble` each failure; both are
    called in the thread.
    """

    def __init__(
        self,
        nodes: tuple[Endpoint, ...],
        show: Show,
        trouble: Trouble,
        lost: Callable[[NodeLost], None],
        every: float = EVERY,
    ) -> None:
        """`lost` gets each host whose signs of life end; it is called in the thread, too."""
        self._life = LifeWatch(lost)
        self._nodes = nodes
        self._show = show
        self._trouble = trouble
        self._every = every
        self._records: Records = {}
        self._thread = self._asking()

    def start(self) -> None:
        """Start asking, if there is anybody to ask."""
        if self._nodes:
            self._thread.start()

    def exchange(self, nodes: tuple[Endpoint, ...]) -> None:
        """Ask these from now on. Records of those that stay are kept."""
        if nodes == self._nodes:
            return
        self._thread.stop(timeout=0.0)
        self._nodes = nodes
        self._records = {node: record for node, record in self._records.items() if node in nodes}
        self._show_all()
        self._thread = self._asking()
        self.start()

    def stop(self, timeout: float) -> None:
        """Stop; wait for that no longer than `timeout` seconds."""
        self._thread.stop(timeout)

    def _asking(self) -> LoopThread:
        return LoopThread("nodes", partial(self._live, self._nodes, self._records), self._ended)

    def _show_all(self) -> None:
        """Show them in the order of the file, whichever answers first."""
        self._show(tuple(self._records[each] for each in self._nodes if each in self._records))

    async def _live(self, nodes: tuple[Endpoint, ...], records: Records) -> None:
        resolver = Resolver()
        async with asyncio.TaskGroup() as group:
            for node in nodes:
                group.create_task(self._follow(node, records, resolver))
                group.create_task(self._life.follow(node, resolver, lambda: records is self._records))

    async def _follow(self, node: Endpoint, records: Records, resolver: Resolver) -> None:
        """Ask one node, until others are asked. One that was this host is asked again: addresses move."""
        began = clock()
        while records is self._records:
            record = records.get(node, NodeRecord(url(node), began))
            told = await self._ask(node, record, resolver)
            if told is None:
                records.pop(node, None)
            else:
                records[node] = told
            if records is self._records:
                self._show_all()
            await asyncio.sleep(self._every)

    async def _ask(self, node: Endpoint, record: NodeRecord, resolver: Resolver) -> NodeRecord | None:
        """Return the record after one question; None: the node is this host."""
        asked_at = clock()
        try:
            told = await ask(node, resolver)
        except Unreadable as fault:
            self._trouble("nodes", "unreadable", f"the status of {record.url} was not read: {fault}")
            return record.failed(str(fault), silent=isinstance(fault, NoAnswer))
        return None if told is None else record.answered(told, asked_at, clock())

    def _ended(self, why: str) -> None:
        self._trouble("nodes", "thread_ended", f"the other hosts are asked no more: {why}")
