"""The lists of signals are complete: what no list names would end the process with its VIPs in the kernel."""

import signal

from sidecar.signals import IGNORED, LEFT_ALONE, RELOAD, STATUS, STOP, name_of


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
