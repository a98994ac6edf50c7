"""The kernel kills the observer for lack of memory, again and again: the VIP stays, no advert is late."""

import time
from contextlib import suppress
from functools import partial
from threading import Event, Thread

import pytest

from tests.netns.lab import Host, Lab, wait_until
from tests.netns.memory_limit import MemoryLimit
from tests.netns.on_time import control, lateness, p99
from tests.netns.processes import await_observer
from tests.netns.test_processes import ADVERTS, GRACE, PATIENT, SPARE, A, document, log
from tests.netns.vrrp_daemon import status as served

pytestmark = [pytest.mark.netns]

PAUSES = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2]
AT_ONCE = 4
"""Observers that are killed while they load. Before each later one another is at work: no result is old."""
ROOM = 16 << 10
"""Bytes that each observer may take once it is at work: less than another thread needs, with its client."""


def ask(host: Host, over: Event) -> None:
    while not over.is_set():
        with suppress(OSError):
            served(host.namespace, "/metrics")


@pytest.mark.alone
@pytest.mark.timing
@pytest.mark.timeout(240)
def test_an_observer_out_of_memory_is_started_again_with_pauses_and_no_advert_is_late() -> None:
    """A = 100 ms. Each observer is killed by the kernel, not by us; in the end one lives."""
    with Lab(PATIENT, hosts=1) as lab, MemoryLimit(ROOM) as memory:
        lab.start()
        a = lab.hosts["a"]
        mark, over, began = lab.witness.mark, Event(), time.monotonic()
        askers = [Thread(target=ask, args=(a, over)) for _ in range(4)]
        with control(A) as beside:
            for asker in askers:
                asker.start()
            found: int | None = None
            try:
                for deaths in range(1, len(PAUSES) + 1):
                    if deaths > AT_ONCE:
                        wait_until(partial(at_work, a, deaths - 1), 30, "the next observer is at work")
                    found = await_observer(a.daemon.pid, other_than=found)
                    with suppress(ProcessLookupError):
                        memory.move(found)
                    wait_until(partial(killed, memory, deaths), 30, "the kernel kills it")
            finally:
                over.set()
                for asker in askers:
                    asker.join()
            wait_until(partial(at_work, a, len(PAUSES)), 30, "the last observer is at work")
            lab.watch_for(max(1.0, began + A * (ADVERTS + SPARE) - time.monotonic()))
        seen = lab.witness.since(mark)
        stamps = [event.about["stamp"] for event in seen if event.kind == "advert" and event.host == "a"]
        late = lateness(stamps, A)
        print(
            f"{len(late)} adverts, {memory.killed} observers killed by the kernel: "
            f"p99 {p99(late):.4f} s, worst {max(late):.4f} s; "
            f"control: p99 {p99(beside.late):.4f} s, worst {max(beside.late):.4f} s"
        )
        assert not [event for event in seen if event.kind == "removed"]
        assert lab.holders() == ["a"]
        told = [
            line["detail"]
            for line in log(a)
            if line["event"] == "observer_lost" and line["reason"] == "ended"
        ]
        assert all("killed by signal 9; if memory ran out, raise `mem_limit`" in line for line in told)
        pauses = [float(line.rpartition("started in ")[2].removesuffix(" s")) for line in told]
        assert pauses == PAUSES
        assert {check["up"] for check in document(a)["checks"]} == {True}
        assert len(late) >= ADVERTS
        # Of 1,000 adverts a hundredth may be later. The long form has no more deaths than the short one.
        later = [each for each in late if each > p99(beside.late) + 0.010]
        assert len(later) <= max(ADVERTS, 1000) // 100
        assert max(late) <= A / 2 + GRACE * max(beside.late)


def killed(memory: MemoryLimit, number: int) -> bool:
    return memory.killed >= number


def at_work(host: Host, number: int) -> bool:
    """Whether the observer after so many others shows everything."""
    with suppress(OSError, AssertionError):
        found = document(host)
        good = found["processes"]["router"] is not None and all(check["up"] for check in found["checks"])
        return bool(good and found["processes"]["observer"]["restarts"] == number)
    return False
