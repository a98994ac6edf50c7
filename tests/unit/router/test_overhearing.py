"""Packets are passed on a few at a time, from where the routers are, and to nobody who does not read.

Modules: net.vrrp.frames.
"""

from collections.abc import Hashable

import pytest

from sidecar.channel.down import Down, Overheard
from sidecar.channel.send_queue import Importance
from sidecar.core.snapshot import Snapshot, Standing
from sidecar.core.state import State
from sidecar.core.wire import arp
from sidecar.core.wire.captured import Spoken, Word, read
from sidecar.event_loop import EventLoop
from sidecar.net.capture.filter import program
from sidecar.net.capture.packet_socket import Capture
from sidecar.router.overhearing import AGAIN, BATCH, Overhearing
from tests.kernel.capture.test_captures import sender
from tests.kernel.own_namespace import inside, ip
from tests.kernel.packets import PEER_MAC, advert
from tests.unit.telemetry.lan.overheard import VIP, backup

pytestmark = pytest.mark.netns


class Reader:
    """The part of a conversation that is told."""

    def __init__(self) -> None:
        self.attended = True
        self.told: list[Overheard] = []

    def tell(self, message: Down, importance: Importance, key: Hashable | None = None) -> None:
        assert isinstance(message, Overheard)
        assert (importance, key) == (Importance.STATE, None)
        self.told.append(message)

    def packets(self) -> list[int]:
        return [len(each.frames) for each in self.told]


def picture(device: str = "v0") -> Snapshot:
    return Snapshot("a", 0.0, (backup(device=device), backup(name="other", device="")), (), stopping=False)


def look(overhearing: Overhearing, device: str = "v0") -> None:
    standing = Standing(None, ((State.BACKUP, frozenset()),))
    overhearing.look(standing, (), lambda: (picture(device), None))


def test_a_flood_is_passed_on_a_few_packets_a_turn() -> None:
    def work() -> None:
        loop, reader, troubles = EventLoop(), Reader(), list[tuple[str, str, str]]()
        overhearing = Overhearing(loop, reader, lambda *why: troubles.append(why), print)
        look(overhearing)
        with sender() as out:
            for priority in range(1, 2 * BATCH + 4):
                out.send(advert(priority=priority))
        look(overhearing)
        assert reader.packets() == [BATCH]
        look(overhearing)  # the next beat changes nothing: a turn is due already
        assert reader.packets() == [BATCH]
        ends = loop.clock() + 20 * AGAIN
        while len(reader.told) < 3 and loop.clock() < ends:
            loop.turn(ends)
        assert reader.packets() == [BATCH, BATCH, 3]
        assert {each.interface for each in reader.told} == {"eth0"}
        overhearing.close()
        loop.close()
        assert troubles == []

    inside(work)


def numbered(number: int, family: int = 4) -> bytes:
    """An advert of a sender that counts its datagrams (RFC 791, identification)."""
    whole = bytearray(advert(family))
    if family == 4:
        whole[18:20], whole[24:26] = number.to_bytes(2, "big"), (0xFFFF - number).to_bytes(2, "big")
    return bytes(whole)


@pytest.mark.parametrize("family", [4, 6])
def test_equal_packets_are_passed_on_once_between_two_looks(family: int) -> None:
    def work() -> None:
        loop, reader = EventLoop(), Reader()
        overhearing = Overhearing(loop, reader, lambda *_: None, print)
        look(overhearing)
        with sender() as out:
            for turn in (1, 2):
                for number in range(BATCH - 1):
                    out.send(numbered(number, family))
                look(overhearing)
                assert reader.packets() == [1] * turn
            out.send(numbered(0, family))
            out.send(advert(family, priority=1))
            out.send(arp.gratuitous(VIP.ip, PEER_MAC)[1])
        look(overhearing)
        assert reader.packets() == [1, 1, 3]
        overhearing.close()
        loop.close()

    inside(work)


def test_the_lan_is_asked_for_the_vips_and_the_answer_is_passed_on() -> None:
    def work() -> None:
        loop, reader = EventLoop(), Reader()
        overhearing = Overhearing(loop, reader, lambda *_: None, print)
        there = Capture("v1", program())
        look(overhearing)
        (question,) = (read(frame) for frame in there.receive(8))
        there.close()
        mac = ip("-o link show dev v0").partition("link/ether ")[2].split()[0]
        assert question == Spoken(Word.PROBES, VIP.ip, mac)
        with sender() as out:
            out.send(arp.gratuitous(VIP.ip, PEER_MAC)[1])
        look(overhearing)
        ((answer,),) = (each.frames for each in reader.told)
        assert read(answer) == Spoken(Word.CLAIMS, VIP.ip, PEER_MAC.hex(":"))
        overhearing.close()
        loop.close()

    inside(work)


def test_nothing_waits_for_an_observer_that_does_not_read_and_nothing_old_is_told_to_the_next_one() -> None:
    def work() -> None:
        loop, reader = EventLoop(), Reader()
        overhearing = Overhearing(loop, reader, lambda *_: None, print)
        look(overhearing)
        reader.attended = False
        with sender() as out:
            out.send(advert())
            look(overhearing)
            reader.attended = True
            overhearing._read()
            assert reader.told == []
            out.send(advert())
            overhearing._read()
        assert reader.packets() == [1]
        overhearing.close()
        loop.close()

    inside(work)


def test_an_interface_that_is_not_there_is_reported() -> None:
    def work() -> None:
        loop, troubles = EventLoop(), list[tuple[str, str, str]]()
        overhearing = Overhearing(loop, Reader(), lambda *why: troubles.append(why), print)
        look(overhearing, "v9")
        assert troubles == [("lan", "capture", "v9: No such device")]
        overhearing.close()
        loop.close()

    inside(work)
