"""The senders that a router with `hosts: 2` remembers."""

from ipaddress import IPv4Address

from sidecar.core.router.pair import MEMORY, PairWatch
from sidecar.core.router.peers import REMEMBERED
from tests.unit.core.stage import router

BASE = IPv4Address("10.78.0.1")


def test_a_known_sender_is_still_heard_when_the_memory_is_full() -> None:
    watch = PairWatch(router(hosts=2))
    for n in range(REMEMBERED):
        watch.hear(BASE + n, 0, 1.0)
    watch.hear(BASE, 50, 2000.0)
    watch.hear(BASE + REMEMBERED, 50, 2000.0)
    assert watch.others(1.0 + MEMORY) == (BASE,)


def test_a_new_sender_takes_the_place_of_those_that_were_silent_for_an_hour() -> None:
    watch = PairWatch(router(hosts=2))
    for n in range(REMEMBERED):
        watch.hear(BASE + n, 0, 1.0)
    watch.hear(BASE + REMEMBERED, 50, 1.0 + MEMORY)
    assert watch.others(1.0 + MEMORY) == (BASE + REMEMBERED,)


def test_a_third_host_is_told_in_the_same_words_if_it_is_heard_before_the_resignation() -> None:
    watch = PairWatch(router(hosts=2))
    first, third = BASE + 2, BASE
    assert watch.hear(first, 200, 1.0) == watch.hear(third, 150, 1.4) == []
    (warned,) = watch.hear(first, 0, 1.4)
    assert f"2 other hosts were heard ({third}, {first})" in warned.detail
    assert watch.others(1.4) == (third, first)
