"""At A = 1 s a sidecar that is killed and started again within half a second is noticed by nobody.

A client asks every 2 ms. RESTARTS=50 (`make unnoticed`): as many restarts, and each must be unnoticed.
Without it a few; one for which the machine was too busy is not judged then (`fair`).
"""

import os
import signal
import time

import pytest

from tests.netns.lab import CLOSELY, PATIENT, Lab
from tests.netns.unnoticed import SOON, Restart, judged, report
from tests.netns.vrrp_daemon import Setup

WANTED = int(os.environ.get("RESTARTS", "0"))
RESTARTS = WANTED or 2
MARGIN = 0.05
LOOK_ON = 1.5
"""Seconds: the other host has heard the next process by then, and so has the client."""

pytestmark = [pytest.mark.netns, pytest.mark.timeout(60 + 20 * RESTARTS)]


def restart(lab: Lab, pause: float) -> Restart:
    daemon, client = lab.hosts["a"].daemon, lab.client.mark
    killed = time.monotonic()
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.wait(5)
    lab.watch_for(max(0.0, killed + pause - time.monotonic()))
    started = time.monotonic()
    daemon.start()
    lab.await_listening("a")
    lab.watch_for(LOOK_ON)
    return judged(lab.setup.vip, killed, started, lab.client.since(client), lab.witness.since())


def test_a_restart_within_half_a_second_is_noticed_by_nobody() -> None:
    restarts: list[Restart] = []
    with Lab(Setup(), every=CLOSELY, patience=PATIENT) as lab:
        lab.start()
        lab.settle()
        for number in range(RESTARTS):
            # At any moment of an interval, and after any pause.
            lab.watch_for(number * 0.37 % 1.0)
            restarts.append(restart(lab, number * 0.31 % (SOON - MARGIN)))
            if restarts[-1].noticed:
                lab.await_server("a", within=30)
                lab.await_sole("a", within=30)
                lab.settle()
    text = report(restarts)
    print(text)
    assert all(not each.noticed for each in restarts if each.fair or (WANTED and each.soon)), text
