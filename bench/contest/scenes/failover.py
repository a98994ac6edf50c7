"""What happens to host a, which serves, or to its nginx, and what visitors have of it."""

import time

from bench.contest.contenders import Stage
from bench.contest.row import Result
from bench.contest.scenes.stage import Cut, gap_until, last_advert, seen, stamp

_RESIGNS = 4.0
"""Seconds within which a resignation is waited for after the other host serves."""
_EXIT = 5.0
_RETURN = 30.0
_VRRP_SAYS = 0.001
"""Seconds that a prepared command takes until it works."""


def nginx_killed(stage: Stage) -> Result:
    """Nginx of host a is killed."""
    host = stage.hosts["a"]
    mark, saw, since, began = stage.client.mark, stage.witness.mark, time.monotonic(), time.time()
    host.nginx.kill()
    gap = gap_until(stage, "b", mark, since)
    resigned = seen(stage, _RESIGNS, saw, "advert", "a", priority=0)
    host.nginx.start()
    return {"gap": gap, "resigned": stamp(resigned, began)}


def nginx_hung(stage: Stage) -> Result:
    """Nginx of host a hangs: it accepts, and does not answer."""
    nginx, mark, since = stage.hosts["a"].nginx, stage.client.mark, time.monotonic()
    nginx.hang()
    try:
        return {"gap": gap_until(stage, "b", mark, since)}
    finally:
        nginx.resume()


def stopped(stage: Stage) -> Result:
    """The daemon of host a is told to end."""
    daemon, mark, since = stage.hosts["a"].daemon, stage.client.mark, time.monotonic()
    daemon.terminate(_EXIT)
    gap = gap_until(stage, "b", mark, since)
    daemon.start()
    return {"gap": gap}


def host_lost(stage: Stage) -> Result:
    """Host a is cut off; nothing can tell host b."""
    cut, saw = Cut(stage, "a"), stage.witness.mark
    mark = stage.client.mark
    at, since = cut.cut()
    try:
        gap = gap_until(stage, "b", mark, since)
        first = seen(stage, _RESIGNS, saw, "announced", "b", address=stage.setup.vip)
        last = last_advert(stage.witness.since(max(0, saw - 2000)), "a", at + _VRRP_SAYS)
        return {"gap": gap, "announced": stamp(first, last)}
    finally:
        cut.heal()


def failback(stage: Stage) -> Result:
    """The daemon of host a starts again, and takes the VIP back."""
    daemon, mark = stage.hosts["a"].daemon, stage.client.mark
    daemon.terminate(_EXIT)
    stage.await_server("b", mark=mark)
    stage.watch_for(1.0)
    mark, since = stage.client.mark, time.monotonic()
    daemon.start()
    stage.await_server("a", within=_RETURN, mark=mark)
    gap = gap_until(stage, "a", mark, since)
    return {"gap": gap, "both": stage.overlap(since)}
