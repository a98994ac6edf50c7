"""A flood of adverts that pass the filter: all must be read, because the right ones are among them."""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from sidecar.core.events import PacketReceived
from sidecar.core.vrrp import Drop
from sidecar.net.listener import BATCH
from sidecar.net.pace import PAUSE
from tests.kernel import flood
from tests.kernel.listening import BOTH, ROUTERS, all_heard, listening
from tests.kernel.own_namespace import inside
from tests.kernel.packets import PEERS, advert

pytestmark = [pytest.mark.netns, pytest.mark.alone]

RATE = 10_000
SECONDS = 2


@BOTH
@pytest.mark.parametrize("senders", [1, 150])
def test_a_crowd_is_heard_a_hundred_times_a_second_and_what_it_repeats_is_heard_once(
    family: int, senders: int
) -> None:
    async def work() -> None:
        async with listening(ROUTERS[family]) as (d, _):
            right = advert(family, priority=250)
            lies = [advert(family, priority=100, source=PEERS[family] + 100 + n) for n in range(senders)]
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, flood.__file__, "v1", str(RATE), str(SECONDS)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            said = "\n".join(each.hex() for each in (right, *lies)).encode()
            flooding = asyncio.create_task(process.communicate(said))
            woken, spent = 0, time.thread_time()
            heard: list[PacketReceived] = []
            while not flooding.done():
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await d.arrived.wait()
                        woken += 1
                d.arrived.clear()
                heard += [event for event in d.network.hear() if isinstance(event, PacketReceived)]
            spent = time.thread_time() - spent
            heard += await all_heard(d)
            sent = json.loads(flooding.result()[0])
            believed = sum(packet.payload[2] == 250 for packet in heard)
            repeated, lost = d.unread[Drop.REPEATED], d.unread[Drop.FLOOD]
            print(f"IPv{family}, {senders}: {sent}, heard {len(heard)}, repeated {repeated}, lost {lost}, "
                  f"woken {woken}, {spent:.2f} s of a processor")  # fmt: skip
            assert len(heard) + repeated + lost == sent["sent"] + sent["singles"]
            assert believed >= sent["singles"] - lost
            assert woken <= 1.5 * SECONDS / PAUSE
            if senders == 1:
                assert len(heard) <= 2 * (woken + SECONDS / 0.1)

    inside(work())


def test_of_what_is_repeated_the_last_is_heard_so_that_the_order_tells_the_truth() -> None:
    async def work() -> None:
        async with listening(ROUTERS[4]) as (d, out):
            farewell, serving = advert(priority=0), advert(priority=250)
            out.send(*[farewell, serving] * 40, farewell)
            await asyncio.sleep(PAUSE)
            heard = [event for event in d.network.hear() if isinstance(event, PacketReceived)]
            assert [packet.payload[2] for packet in heard] == [250, 0]
            assert d.unread[Drop.REPEATED] == 79

    inside(work())


def test_a_few_repetitions_are_all_heard() -> None:
    async def work() -> None:
        async with listening(ROUTERS[4]) as (d, out):
            out.send(*[advert(priority=250)] * 30)
            assert len(await all_heard(d)) == 30
            assert BATCH > 30

    inside(work())
