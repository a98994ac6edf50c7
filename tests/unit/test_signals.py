"""The lists of signals are complete: what no list names would end the process with its VIPs in the kernel."""

import os
import signal
from collections.abc import Iterator
from functools import partial

import pytest

from sidecar.event_loop import EventLoop
from sidecar.signals import IGNORED, LEFT_ALONE, RELOAD, STATUS, STOP, Signals, name_of

STORM = 2000
"""Signals between two turns of the loop: more than the kernel keeps bytes for."""


@pytest.fixture
def handlers() -> Iterator[None]:
    """What this process does on signals is as before afterwards."""
    before = {number: signal.getsignal(number) for number in (*STOP, *IGNORED, STATUS, RELOAD)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_every_signal_is_in_one_list_and_in_one_alone() -> None:
    listed = [*STOP, *IGNORED, *LEFT_ALONE, STATUS, RELOAD]
    assert len(listed) == len(set(listed))
    assert set(listed) == signal.valid_signals()


def test_a_signal_has_the_name_that_kill_knows() -> None:
    names = {name_of(number): number for number in signal.valid_signals()}
    assert len(names) == len(signal.valid_signals())
    assert names["SIGTERM"] == signal.SIGTERM
    assert names["SIGRTMIN"] == signal.SIGRTMIN
    assert names["SIGRTMIN+3"] == signal.SIGRTMIN + 3
    assert names["SIGRTMAX"] == signal.SIGRTMAX


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("storm", [STATUS, RELOAD, signal.SIGRTMIN + 1], ids=name_of)
def test_a_storm_of_one_signal_hides_no_other_and_is_one(storm: int) -> None:
    loop, heard = EventLoop(), list[int]()
    signals = Signals(
        loop,
        heard.append,
        partial(heard.append, STATUS),
        partial(heard.append, RELOAD),
        lambda number, _: heard.append(number),
    )
    for _ in range(STORM):
        os.kill(os.getpid(), storm)
    os.kill(os.getpid(), signal.SIGTERM)
    loop.turn(loop.clock())
    os.kill(os.getpid(), storm)
    loop.turn(loop.clock())
    signals.close()
    loop.close()
    assert heard == [storm, signal.SIGTERM, storm]
