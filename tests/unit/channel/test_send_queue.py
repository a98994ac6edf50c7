"""Messages that wait for room: in order, bounded, and the least important is dropped first."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.channel.send_queue import Entry, Importance, SendQueue

STATE, LINE, LOUD, VITAL = Importance


def drained(queue: SendQueue) -> list[bytes]:
    found = []
    while (entry := queue.first()) is not None:
        found.append(entry.data)
        queue.pop()
    return found


def test_messages_leave_in_the_order_in_which_they_came() -> None:
    queue = SendQueue()
    for data, importance in ((b"a", LINE), (b"b", VITAL), (b"c", STATE)):
        queue.put(data, importance)
    assert drained(queue) == [b"a", b"b", b"c"]
    assert not any(queue.lost.values())


def test_a_newer_picture_replaces_the_one_that_waits_and_loses_nothing() -> None:
    queue = SendQueue()
    queue.put(b"old", STATE, "web")
    queue.put(b"line", LINE)
    queue.put(b"new", STATE, "web")
    queue.put(b"other", STATE, "dns")
    assert drained(queue) == [b"line", b"new", b"other"]
    assert not any(queue.lost.values())
    queue.put(b"again", STATE, "web")
    assert drained(queue) == [b"again"]


def test_the_least_important_goes_first_the_oldest_of_it() -> None:
    queue = SendQueue(most_messages=3)
    queue.put(b"s1", STATE)
    queue.put(b"l1", LINE)
    queue.put(b"s2", STATE)
    queue.put(b"t1", LOUD)
    queue.put(b"t2", LOUD)
    assert (queue.lost[STATE], queue.lost[LINE]) == (2, 0)
    queue.put(b"t3", LOUD)
    assert drained(queue) == [b"t1", b"t2", b"t3"]
    assert (queue.lost[STATE], queue.lost[LINE]) == (2, 1)


def test_of_equals_the_beginning_stays() -> None:
    queue = SendQueue(most_bytes=4)
    for data in (b"ab", b"cd", b"ef"):
        queue.put(data, LINE)
    assert drained(queue) == [b"ab", b"cd"]
    assert queue.lost[LINE] == 1


def test_what_was_not_heard_comes_before_what_waits() -> None:
    queue = SendQueue(most_messages=3)
    queue.put(b"c", LINE)
    queue.put(b"d", STATE, 1)
    queue.put_back([Entry(b"a", LINE), Entry(b"b", LOUD)])
    assert drained(queue) == [b"a", b"b", b"c"]
    assert queue.lost[STATE] == 1


def test_what_is_to_be_said_anew_is_forgotten() -> None:
    queue = SendQueue()
    queue.put(b"picture", STATE, 1)
    queue.put(b"line", LINE)
    queue.clear(STATE)
    assert (queue.bytes, drained(queue)) == (4, [b"line"])
    queue.put(b"picture", STATE, 1)
    assert drained(queue) == [b"picture"]


@given(
    st.lists(
        st.tuples(
            st.binary(min_size=1, max_size=9), st.sampled_from(Importance), st.none() | st.integers(0, 3)
        )
    )
)
def test_bounds_hold_and_every_message_is_sent_replaced_or_counted(
    puts: list[tuple[bytes, Importance, int | None]],
) -> None:
    queue = SendQueue(most_messages=5, most_bytes=30)
    replaced = 0
    for data, importance, key in puts:
        before, lost = len(queue), sum(queue.lost.values())
        queue.put(data, importance, key)
        assert len(queue) <= 5
        assert queue.bytes <= 30
        replaced += before + 1 - len(queue) - (sum(queue.lost.values()) - lost)
    assert replaced >= 0
    assert len(drained(queue)) + sum(queue.lost.values()) + replaced == len(puts)
    assert queue.bytes == 0
