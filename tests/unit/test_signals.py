"""The lists of signals are complete: what no list names would end the process with its VIPs in the kernel."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

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


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT], ids=name_of)
def test_while_the_file_is_read_a_stop_is_obeyed_and_nothing_else_ends_it(tmp_path: Path, stop: int) -> None:
    file = tmp_path / "config.yaml"
    os.mkfifo(file)
    argv = [sys.executable, "-m", "sidecar", "run", "-c", str(file)]
    begun = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
    # The child has begun to read when there is a reader, and does not end before there is something to read.
    with file.open("wb", buffering=0) as writer:
        for number in (RELOAD, STATUS, *IGNORED, stop):
            begun.send_signal(number)
        _, said = begun.communicate(timeout=60)
        assert (begun.returncode, said) == (0, f"stopped by {name_of(stop)} before it began\n")
        # Its child has ended, too.
        readers = select.poll()
        readers.register(writer, 0)
        assert readers.poll(60_000)
