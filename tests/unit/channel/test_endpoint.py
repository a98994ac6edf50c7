"""Two ends of a real socket: whole messages, bounded on both sides, nobody waits.

Modules: channel.fd_passing.
"""

import os
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest

from sidecar.channel.codec import Codec
from sidecar.channel.endpoint import MOST_BYTES, MOST_DESCRIPTORS, Endpoint, Hungup, Pace, pair
from sidecar.channel.limits import Most
from sidecar.channel.malformed import Malformed
from sidecar.channel.send_queue import MOST_MESSAGES, Importance, SendQueue
from sidecar.channel.up import UP_PACE
from sidecar.clock import clock


@dataclass(frozen=True, slots=True)
class Said:
    text: Annotated[str, Most(MOST_BYTES)]


CODEC: Codec[Said] = Codec(Said)
LINE = Importance.LINE


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ends = pair()
    yield ends
    for end in ends:
        end.close()


Pair = tuple[socket.socket, socket.socket]


def test_messages_arrive_whole_and_in_order(ends: Pair) -> None:
    here, there = (Endpoint(end, CODEC, CODEC, clock) for end in ends)
    texts = ["a", "b" * 40_000, "", "c"]
    for text in texts:
        here.send(Said(text), LINE)
    assert [said.text for said in there.receive()] == texts
    assert there.receive() == []
    assert there.received == 4


def test_what_finds_no_room_waits_and_follows(ends: Pair) -> None:
    here, there = (Endpoint(end, CODEC, CODEC, clock) for end in ends)
    for number in range(300):
        here.send(Said(f"{number:05}" + "x" * 4000), LINE)
    assert here.waiting
    heard: list[str] = []
    while len(heard) < 300:
        heard += [said.text[:5] for said in there.receive()]
        here.flush()
    assert heard == [f"{number:05}" for number in range(300)]
    assert not here.waiting
    assert not any(here.queue.lost.values())


def test_what_was_sent_and_not_heard_is_known(ends: Pair) -> None:
    first = [CODEC.encode(Said("first"))]
    here = Endpoint(ends[0], CODEC, CODEC, clock, queue=SendQueue(), first=first)
    there = Endpoint(ends[1], CODEC, CODEC, clock)
    here.send(Said("a"), LINE)
    here.send(Said("picture"), Importance.STATE)
    here.send(Said("b"), LINE)
    assert [CODEC.decode(each.data).text for each in here.unheard] == ["a", "b"]
    assert len(there.receive(most=2)) == 2
    here.heard(there.received)
    assert [CODEC.decode(each.data).text for each in here.unheard] == ["b"]
    assert [said.text for said in there.receive()] == ["picture", "b"]
    here.heard(there.received)
    assert here.unheard == []


@pytest.mark.parametrize(("queue", "kept"), [(None, 0), (SendQueue(), MOST_MESSAGES)])
def test_a_receiver_that_never_says_what_it_has_heard_costs_no_memory(
    ends: Pair, queue: SendQueue | None, kept: int
) -> None:
    here, there = Endpoint(ends[0], CODEC, CODEC, clock, queue=queue), Endpoint(ends[1], CODEC, CODEC, clock)
    for _ in range(MOST_MESSAGES + 500):
        here.send(Said("a"), LINE)
        there.receive()
    assert len(here.unheard) == kept


def test_a_receiver_that_never_reads_costs_a_bounded_queue(ends: Pair) -> None:
    here = Endpoint(ends[0], CODEC, CODEC, clock, queue=SendQueue(most_messages=10))
    for _ in range(1000):
        here.send(Said("x" * 4000), LINE)
    assert len(here.queue) == 10
    there = Endpoint(ends[1], CODEC, CODEC, clock)
    assert len(there.receive()) + 10 + here.queue.lost[LINE] == 1000
    assert here.queue.lost[LINE] > 0


def test_malformed_messages_are_counted_and_the_others_are_heard(ends: Pair) -> None:
    there = Endpoint(ends[1], CODEC, CODEC, clock)
    for data in (
        CODEC.encode(Said("a")),
        b"\xff",
        b"\0\0\5ab",
        CODEC.encode(Said("b")),
        b"x" * (MOST_BYTES + 9),
    ):
        ends[0].send(data)
    assert [said.text for said in there.receive()] == ["a", "b"]
    assert (there.received, there.malformed) == (5, 3)
    assert there.why == f"more than {MOST_BYTES} bytes"


@pytest.mark.parametrize("last", [b"", None], ids=["empty message", "closed"])
def test_the_end_is_told_after_everything_before_it(ends: Pair, last: bytes | None) -> None:
    there = Endpoint(ends[1], CODEC, CODEC, clock)
    ends[0].send(CODEC.encode(Said("last words")))
    if last is None:
        ends[0].close()
    else:
        ends[0].send(last)
    assert there.receive() == [Said("last words")]
    for _ in range(2):
        with pytest.raises(Hungup):
            there.receive()


def test_last_words_are_heard_of_an_end_that_had_not_read_everything(ends: Pair) -> None:
    there = Endpoint(ends[1], CODEC, CODEC, clock)
    there.send(Said("never read"), LINE)
    ends[0].send(CODEC.encode(Said("last words")))
    ends[0].close()
    assert there.receive() == [Said("last words")]
    with pytest.raises(Hungup):
        there.receive()


def test_sending_to_nobody_is_told(ends: Pair) -> None:
    here = Endpoint(ends[0], CODEC, CODEC, clock)
    ends[1].close()
    with pytest.raises(Hungup):
        here.send(Said("a"), LINE)
    with pytest.raises(Hungup):
        here.pass_descriptors(Said("a"), [])


def test_a_flood_is_read_at_the_pace_of_the_reader(ends: Pair) -> None:
    time = Time()
    there = Endpoint(ends[1], CODEC, CODEC, time, Pace(messages=10, seconds=0.1))
    message = CODEC.encode(Said("flood"))
    for _ in range(35):
        ends[0].send(message)
    assert there.paused_until is None
    assert len(there.receive()) == 10
    assert there.paused_until == pytest.approx(100.1)
    assert there.receive() == []
    time.now += 0.05
    assert there.receive() == []
    time.now += 0.05
    assert there.paused_until is None
    assert len(there.receive()) == 10
    time.now += 5
    assert len(there.receive()) == 10


def test_what_a_flood_leaves_in_the_socket_is_read_within_a_second(ends: Pair) -> None:
    """Small messages are the most: each result of a check that comes after them waits for all of them."""
    router, observer = ends
    observer.send(bytes(UP_PACE.most_bytes))
    longest = len(router.recv(2 * UP_PACE.most_bytes))
    left = 0
    with suppress(BlockingIOError):
        while True:
            observer.send(b"x")
            left += 1
    assert longest == UP_PACE.most_bytes
    assert left > 1
    assert left / UP_PACE.messages * UP_PACE.seconds <= 1.0


def test_malformed_messages_use_up_the_pace_too(ends: Pair) -> None:
    there = Endpoint(ends[1], CODEC, CODEC, Time(), Pace(messages=10, seconds=0.1))
    for _ in range(30):
        ends[0].send(b"\xff")
    assert there.receive() == []
    assert there.malformed == 10


def test_descriptors_arrive_and_are_not_inherited(ends: Pair) -> None:
    here, there = (Endpoint(end, CODEC, CODEC, clock) for end in ends)
    assert there.receive_descriptors() is None
    read_end, write_end = os.pipe()
    assert here.pass_descriptors(Said("pipe"), [write_end])
    os.close(write_end)
    found = there.receive_descriptors()
    assert found is not None
    said, (passed,) = found
    assert said == Said("pipe")
    assert not os.get_inheritable(passed)
    os.write(passed, b"through")
    os.close(passed)
    assert os.read(read_end, 100) == b"through"
    os.close(read_end)


def test_descriptors_come_with_messages_where_somebody_takes_them(ends: Pair) -> None:
    passed = deque[int]()
    here = Endpoint(ends[0], CODEC, CODEC, clock)
    there = Endpoint(ends[1], CODEC, CODEC, clock, passed=passed)
    here.send(Said("before"), LINE)
    with Path(os.devnull).open() as one, Path(os.devnull).open() as two:
        assert here.pass_descriptors(Said("two"), [one.fileno(), two.fileno()])
    here.send(Said("after"), LINE)
    assert there.receive() == [Said("before"), Said("two"), Said("after")]
    assert len(passed) == 2
    for each in passed:
        assert not os.get_inheritable(each)
        os.close(each)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count suffices


def test_descriptors_that_nobody_asked_for_are_not_kept(ends: Pair) -> None:
    there = Endpoint(ends[1], CODEC, CODEC, clock)
    before = open_files()
    for data in (CODEC.encode(Said("a")), b"\xff"):
        socket.send_fds(ends[0], [data], [0, 1, 2])
    assert there.receive() == [Said("a")]
    socket.send_fds(ends[0], [b"\xff"], [0, 1, 2])
    with pytest.raises(Malformed):
        there.receive_descriptors()
    socket.send_fds(ends[0], [CODEC.encode(Said("a"))], [0] * (MOST_DESCRIPTORS + 1))
    with pytest.raises(OSError, match="Too many"):
        there.receive_descriptors()
    assert open_files() == before
