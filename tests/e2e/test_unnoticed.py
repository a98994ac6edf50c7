"""The main process of a sidecar's container is killed from the host; its restart policy starts it again.

At A = 1 s nobody notices: as tests/netns/test_unnoticed.py, with the time that the engine takes for that.
RESTARTS=50 (`make unnoticed-docker`): as many restarts, and each must be unnoticed for which the engine took
no longer than the promise gives it. An engine on a busy machine may need a second. A process that decided
while some of the lease was left must have gone on, however long it took.
"""

import os
import signal
import time
from datetime import datetime

import pytest

from tests.e2e.compose_lab import VIP, ComposeLab, inspect, run
from tests.netns.lab import CLOSELY, PATIENT, wait_until
from tests.netns.unnoticed import Restart, await_decision, faults, judged, report

WANTED = int(os.environ.get("RESTARTS", "0"))
RESTARTS = WANTED or 1
UNHURRIED = 11.0
"""Seconds of life of a container after which the engine starts it again in 0.1 s. Before, it doubles that."""
LOOK_ON = 1.5

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180 + 40 * RESTARTS)]


def restart(lab: ComposeLab, phase: float) -> Restart:
    """Kill it so many seconds after a renewal of its lease."""
    pid = int(inspect("sidecar-a", "{{.State.Pid}}"))
    lab.witness.wait(lambda event: event.is_("added", "a", address=VIP), 3, lab.witness.mark, "a renewal")
    time.sleep(phase)
    client, seen = lab.client.mark, lab.witness.mark
    at, killed = time.time(), time.monotonic()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: inspect("sidecar-a", "{{.State.Pid}}") not in ("0", str(pid)), 10, "another process")
    lab.witness.wait(
        lambda event: event.is_("added", "a", address=VIP), 20, seen, "the VIP, or more time for it"
    )
    time.sleep(LOOK_ON)
    started = killed + datetime.fromisoformat(inspect("sidecar-a", "{{.State.StartedAt}}")).timestamp() - at
    decided = await_decision(
        lambda: run("docker", "logs", "--since", f"{at:.3f}", "sidecar-a").stdout, killed, at
    )
    return judged(VIP, killed, started, lab.client.since(client), lab.witness.since(), decided)


def test_a_process_killed_from_the_host_and_started_by_its_engine_is_missed_by_nobody() -> None:
    restarts: list[Restart] = []
    with ComposeLab(every=CLOSELY, patience=PATIENT) as lab:
        lab.settle()
        for number in range(RESTARTS):
            began = time.monotonic()
            restarts.append(restart(lab, number * 0.37 % 1.0))
            if number + 1 < RESTARTS:
                lab.settle()
                time.sleep(max(0.0, began + UNHURRIED - time.monotonic()))
    text = report(restarts)
    print(text)
    assert not faults(restarts, strictly=bool(WANTED)), text
