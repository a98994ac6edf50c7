"""The servers that tests of checks talk to leave nothing behind, whenever their test ends."""

import asyncio
import gc
import socket
import warnings

import pytest

from tests.unit.checks.stage import server


@pytest.mark.parametrize("turns", range(8))
def test_a_connection_that_comes_as_the_test_ends_is_closed(turns: int) -> None:
    async def waits(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def scenario() -> None:
        async with server(waits) as port:
            with socket.create_connection(("127.0.0.1", port)):
                for _ in range(turns):
                    await asyncio.sleep(0)

    gc.collect()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        asyncio.run(scenario())
        gc.collect()
    assert [str(each.message) for each in seen] == []
