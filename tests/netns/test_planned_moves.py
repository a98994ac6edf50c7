"""In a planned move no verdict is above ok, on neither host: it is asked for all the time.

The interval is long, so that a machine which takes the processor away moves no VIP. A status that is older
than a beat of the loop is passed over: it says that this host did not run, which is true.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread

import pytest

from sidecar.telemetry.verdict import judge
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.mismatches import command
from tests.netns.nodes import READ, asked, nodes, says, states, url, with_nodes
from tests.netns.vrrp_daemon import Setup

pytestmark = [pytest.mark.netns, pytest.mark.timing]

_EVERY = 0.2
_BEAT = 0.8
"""Seconds; of a loop that runs the status has been asked a moment before."""
_INTERVAL = 3.0


class Record:
    """What the verdict of a host was, each time that it changed."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._over = Event()
        self._thread = Thread(target=self._ask, daemon=True)
        self.codes: list[int] = []
        self.reasons: list[str] = []
        self.asked = 0

    def _ask(self) -> None:
        while not self._over.is_set():
            status = asked(self._host)
            if status is not None and (status["loop"]["beat_age_seconds"] or 0.0) < _BEAT:
                self.asked += 1
                verdict = judge(status)
                if verdict.code not in self.codes[-1:]:
                    self.codes.append(verdict.code)
                    self.reasons += verdict.reasons
            time.sleep(_EVERY)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()


@contextmanager
def recording(lab: Lab) -> Iterator[list[Record]]:
    """Ask all hosts in the block."""
    records = [Record(host) for host in lab.hosts.values()]
    for record in records:
        record.start()
    try:
        yield records
    finally:
        for record in records:
            record.stop()


def test_a_rolling_restart_and_the_failbacks_in_it_are_ok_all_the_time() -> None:
    with Lab(Setup(interval=_INTERVAL, checks={}), with_nodes("a", "b")) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        wait_until(lambda: bool(nodes(a) and nodes(b)), READ, "both are read")
        with recording(lab) as records:
            b.daemon.terminate(5)
            b.daemon.start()
            lab.await_listening("b")
            lab.watch_for(_INTERVAL)
            a.daemon.terminate(5)
            lab.await_server("b", READ)
            lab.watch_for(_INTERVAL)
            back = lab.client.mark
            a.daemon.start()
            lab.await_server("a", READ, back)
            lab.await_sole("a", READ)
            # As long as a master that yielded was taken for a second one.
            lab.watch_for(3 * _INTERVAL)
        assert_ok_all_the_time(records)


def test_a_failover_and_its_end_are_ok_all_the_time() -> None:
    with Lab(Setup(interval=_INTERVAL, checks={}), with_nodes("a", "b")) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        wait_until(lambda: states(a) == {url("b"): "BACKUP"}, READ, "a shows b as a standby")
        wait_until(lambda: states(b) == {url("a"): "MASTER"}, READ, "b shows a as the master")
        for host in (a, b):
            wait_until(partial(says, host, 0), READ, f"all is well on {host.name}")
        with recording(lab) as records:
            code, said = command(a, "failover", "--for", "10m")
            assert code == 0, said
            lab.await_sole("b", READ)
            lab.watch_for(3 * _INTERVAL)
            code, said = command(a, "undrain")
            assert code == 0, said
            lab.await_sole("a", READ)
            lab.watch_for(3 * _INTERVAL)
        assert_ok_all_the_time(records)


def assert_ok_all_the_time(records: list[Record]) -> None:
    for record in records:
        assert record.asked > 0
        assert (record.codes, record.reasons) == ([0], [])
