"""At A = 1 s a sidecar that is killed and started again within half a second is noticed by nobody.

A client asks every 2 ms. RESTARTS=50 (`make unnoticed`): as many restarts, and each must be unnoticed.
Without it a few. One for which the machine was too busy is not judged then; but a process that decided while
some of the lease was left must have gone on, however long it took.
"""

import json
import os
import signal
import time
from http import HTTPStatus

import pytest

from tests.netns.lab import CLOSELY, PATIENT, Lab, wait_until
from tests.netns.unnoticed import SOON, Restart, await_decision, faults, judged, report
from tests.netns.vrrp_daemon import Setup, status

WANTED = int(os.environ.get("RESTARTS", "0"))
RESTARTS = WANTED or 2
MORE = 0 if WANTED else 1
"""One more if the machine was too busy to judge any."""
MARGIN = 0.05
LOOK_ON = 1.5
"""Seconds: the other host has heard the next process by then, and so has the client."""

pytestmark = [pytest.mark.netns, pytest.mark.timeout(60 + 20 * RESTARTS)]


def restart(lab: Lab, after: float, pause: float) -> Restart:
    """Kill it so many seconds after a renewal, and start it again after a pause."""
    daemon, client = lab.hosts["a"].daemon, lab.client.mark
    lab.await_sighting("added", "a", 3 * lab.setup.interval, lab.witness.mark, address=lab.setup.vip)
    lab.watch_for(after)
    wall, killed = time.time(), time.monotonic()
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.wait(5)
    lab.watch_for(max(0.0, killed + pause - time.monotonic()))
    started = time.monotonic()
    daemon.start()
    lab.await_listening("a")
    lab.watch_for(LOOK_ON)
    decided = await_decision(lambda: daemon.log.read_text(encoding="utf-8"), killed, wall)
    return judged(lab.setup.vip, killed, started, lab.client.since(client), lab.witness.since(), decided)


def has_verdicts(lab: Lab) -> bool:
    """Whether the process has verdicts of its own: without them the next one goes on for a limited time."""
    try:
        code, body = status(lab.hosts["a"].namespace)
    except OSError:
        return False
    return code == HTTPStatus.OK and all(each["up"] for each in json.loads(body)["checks"])


def test_a_restart_within_half_a_second_is_noticed_by_nobody() -> None:
    restarts: list[Restart] = []
    with Lab(Setup(), every=CLOSELY, patience=PATIENT) as lab:
        lab.start()
        lab.settle()
        for number in range(RESTARTS + MORE):
            if number >= RESTARTS and any(each.judged for each in restarts):
                break
            # At any moment of an interval, and after any pause; the first, and one more, where most is left.
            turn = number % RESTARTS
            restarts.append(restart(lab, turn * 0.37 % 1.0, turn * 0.31 % (SOON - MARGIN)))
            if restarts[-1].noticed:
                lab.await_server("a", within=30)
                lab.await_sole("a", within=30)
                lab.settle()
            wait_until(lambda: has_verdicts(lab), 10, "checks that pass")
    text = report(restarts)
    print(text)
    assert not faults(restarts, strictly=bool(WANTED)), text
