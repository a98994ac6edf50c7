"""Two hosts whose nginx dies in turn, never both: what the client is served, and how often the VIP moves."""

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.meanwhile import meanwhile
from tests.netns.lab import CLOSELY, Lab
from tests.netns.vrrp_daemon import Setup
from tests.netns.webserver import await_listening

MEND = 0.7
"""Seconds from the start of an nginx until its host is fit again: two passes, 200 ms apart."""


@dataclass(frozen=True, slots=True)
class Death:
    """nginx of a host dies `at` seconds after the beginning and is started again `down` seconds later."""

    host: str
    at: float
    down: float


@dataclass(frozen=True, slots=True)
class Served:
    """`answered`: share of the client's tries, in percent. `moves`: hosts that took the VIP, in order."""

    answered: float
    moves: list[str]


def deaths(seconds: float, seed: int) -> list[Death]:
    """One every 1 to 3 s, on a and b alternately; each host is fit again before the other one fails."""
    rng = random.Random(seed)  # noqa: S311  # repeatable misfortune
    found, now, host = list[Death](), 1.0, "a"
    while now < seconds - 1:
        pause = rng.uniform(1, 3)
        found.append(Death(host, now, rng.uniform(0.1, max(0.15, pause - MEND))))
        now, host = now + pause, "b" if host == "a" else "a"
    return found


def serve(router: Mapping[str, Any], plan: list[Death], seconds: float, interval: float = 1.0) -> Served:
    """Let a pair with these further keys of the router live through the deaths."""
    with Lab(Setup(interval=interval, router=router), every=CLOSELY) as lab:
        lab.start()
        lab.settle()
        mark, begun = lab.client.mark, time.monotonic()

        def work(over: threading.Event) -> None:
            for death in plan:
                over.wait(begun + death.at - time.monotonic())
                nginx = lab.hosts[death.host].nginx
                nginx.kill()
                over.wait(begun + death.at + death.down - time.monotonic())
                nginx.start()
                await_listening(lab.hosts[death.host].namespace, nginx)

        with meanwhile(work):
            lab.watch_for(seconds)
        tries = [each for each in lab.client.since(mark) if each.started < begun + seconds]
        answered = sum(1 for each in tries if each.who)
        moves = [hold.host for hold in lab.holds() if hold.start > begun]
        return Served(100 * answered / len(tries), moves)
