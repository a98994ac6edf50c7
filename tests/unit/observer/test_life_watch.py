"""The end of the signs of life of a host is told with the moment of the last one, over real sockets."""

import asyncio

import pytest

from sidecar.checks.resolve import Resolver
from sidecar.clock import clock
from sidecar.observer.life_watch import LifeWatch, NodeLost
from sidecar.observer.node_request import url
from sidecar.plan.endpoints import Endpoint
from tests.unit.observer.status_server import http, serving

SIGNS = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nlb2\n..."
EVERY = 0.05


async def heard(node: Endpoint, seconds: float = 60.0) -> NodeLost:
    """Return what is told first of a host. Raises TimeoutError."""
    lost: asyncio.Queue[NodeLost] = asyncio.Queue()
    watch = LifeWatch(lost.put_nowait, again=0.01, every=EVERY)
    following = asyncio.create_task(watch.follow(node, Resolver(), lambda: True))
    try:
        async with asyncio.timeout(seconds):
            return await lost.get()
    finally:
        following.cancel()


def test_a_host_that_gives_no_sign_any_more_was_lost_after_the_last_one() -> None:
    async def scene() -> None:
        began = clock()
        async with serving(SIGNS, stays=True) as node:
            lost = await heard(node)
        assert (lost.url, lost.node, lost.closed) == (url(node), "lb2", False)
        assert began <= lost.heard_at <= clock() - EVERY
        assert lost.detail == f"{url(node)} gives no sign of life any more"

    asyncio.run(scene())


def test_a_kernel_that_closes_the_connection_and_answers_lives() -> None:
    async def scene() -> None:
        async with serving(SIGNS) as node:
            lost = await heard(node)
            assert (lost.node, lost.closed) == ("lb2", True)
            assert lost.detail == f"{url(node)} closed the connection: its sidecar ended"

    asyncio.run(scene())


@pytest.mark.parametrize("answer", [http(b"there is nothing here", "404 Not Found"), b"SSH-2.0-x\r\n", b""])
def test_of_a_host_that_gives_no_signs_nothing_is_told(answer: bytes) -> None:
    async def scene() -> None:
        async with serving(answer) as node:
            with pytest.raises(TimeoutError):
                await heard(node, 0.3)

    asyncio.run(scene())


def test_this_host_is_not_heard() -> None:
    async def scene() -> None:
        async with serving(SIGNS, host="127.0.0.1") as own:
            with pytest.raises(TimeoutError):
                await heard(own, 0.3)

    asyncio.run(scene())
