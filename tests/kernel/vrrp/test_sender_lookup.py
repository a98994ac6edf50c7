"""Finding the machine behind a sender, on a real link, and never in the way of an advert."""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from sidecar.core.actions import Identify
from sidecar.core.address import Address
from sidecar.core.events import SenderIdentified
from sidecar.net.vrrp.sender_lookup import MOST
from tests.kernel.desk import Desk
from tests.kernel.listening import BOTH, FOREIGN, listening
from tests.kernel.own_namespace import inside, ip
from tests.kernel.packets import PEER_MAC, PEERS, advert
from tests.lateness import Lateness

pytestmark = pytest.mark.netns

FOREIGN_MAC: Final = bytes.fromhex("020000000099")


def identify(d: Desk, source: Address, seconds: float = 2.0, router: str = "web") -> None:
    assert d.network.perform(Identify(router, "v0", source, seconds)) is None


def answers(d: Desk, number: int) -> list[SenderIdentified]:
    return [d.until(SenderIdentified) for _ in range(number)]


def searching() -> int:
    """How many packet sockets there are in this network namespace that hear something."""
    lines = Path("/proc/thread-self/net/packet").read_text().splitlines()[1:]
    return sum(line.split()[3] in ("0800", "86dd") for line in lines)


def becomes(number: int, count: Callable[[], int] = searching) -> bool:
    """Whether the count is this number within a while."""
    for _ in range(1000):
        if count() == number:
            return True
        time.sleep(0.01)
    return False


@BOTH
def test_the_machine_of_a_sender_is_found_among_others(family: int) -> None:
    def work() -> None:
        with listening() as (d, out):
            identify(d, PEERS[family])
            assert searching() == 1
            out.send(
                advert(family, source=FOREIGN[family], mac=FOREIGN_MAC),
                advert(10 - family, mac=FOREIGN_MAC),
                advert(family),
            )
            assert answers(d, 1) == [SenderIdentified("web", PEERS[family], PEER_MAC)]
            assert becomes(0)

    inside(work)


@BOTH
@pytest.mark.timing
def test_other_traffic_of_the_sender_is_no_answer_and_its_silence_ends_the_search(
    family: int, lateness: Lateness
) -> None:
    def work() -> None:
        with listening() as (d, out):
            other = bytearray(advert(family))
            other[{4: 23, 6: 20}[family]] = socket.IPPROTO_UDP
            begun = time.monotonic()
            identify(d, PEERS[family], 0.2)
            out.send(bytes(other))
            assert answers(d, 1) == [SenderIdentified("web", PEERS[family], None)]
            assert 0.2 <= time.monotonic() - begun < 1 + lateness()
            assert becomes(0)

    inside(work)


def test_what_we_send_ourselves_is_no_answer() -> None:
    def work() -> None:
        with listening() as (d, _):
            identify(d, PEERS[4], 0.2)
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as ours:
                ours.bind(("v0", 0))
                ours.send(advert())
            assert answers(d, 1) == [SenderIdentified("web", PEERS[4], None)]

    inside(work)


def test_routers_that_ask_for_the_same_sender_share_a_search() -> None:
    def work() -> None:
        with listening() as (d, out):
            identify(d, PEERS[4])
            identify(d, PEERS[4], router="api")
            identify(d, PEERS[4])
            assert searching() == 1
            out.send(advert())
            assert {answer.router for answer in answers(d, 2)} == {"web", "api"}

    inside(work)


def test_searches_are_few_and_those_beyond_are_answered_at_once() -> None:
    def work() -> None:
        with listening() as (d, out):
            for n in range(MOST + 3):
                identify(d, PEERS[4] + n)
            assert searching() == MOST
            assert answers(d, 3) == [
                SenderIdentified("web", PEERS[4] + n, None) for n in range(MOST, MOST + 3)
            ]
            out.send(advert())
            assert answers(d, 1) == [SenderIdentified("web", PEERS[4], PEER_MAC)]
            identify(d, PEERS[4])
            out.send(advert())
            assert answers(d, 1) == [SenderIdentified("web", PEERS[4], PEER_MAC)]

    inside(work)


def test_an_interface_that_is_gone_is_searched_in_vain() -> None:
    def work() -> None:
        with listening() as (d, _):
            identify(d, PEERS[4])
            ip("link set v0 down")
            assert answers(d, 1) == [SenderIdentified("web", PEERS[4], None)]
            ip("link del v0")
            identify(d, PEERS[4])
            assert answers(d, 1) == [SenderIdentified("web", PEERS[4], None)]

    inside(work)


def test_the_loop_never_waits_for_the_end_of_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing a packet socket takes the kernel up to 30 ms."""
    closers: list[int] = []
    close = socket.socket.close

    def note(closing: socket.socket) -> None:
        if closing.fileno() >= 0 and closing.type == socket.SOCK_DGRAM and closing.family == socket.AF_PACKET:
            closers.append(threading.get_ident())
        close(closing)

    def work() -> None:
        with listening() as (d, out):
            monkeypatch.setattr(socket.socket, "close", note)
            identify(d, PEERS[4])
            out.send(advert())
            answers(d, 1)
            identify(d, PEERS[4], 0.01)
            answers(d, 1)
            assert d.network.perform(Identify("web", "none", PEERS[4], 1.0)) is None
            answers(d, 1)
            identify(d, PEERS[4])
        assert becomes(4, lambda: len(closers))
        assert becomes(0)
        assert threading.get_ident() not in closers

    inside(work)
