"""Many virtual routers on one interface, many VIPs in one router: are they held, what does it cost."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from bench.contest.contenders import Contender, Stage, Terms
from bench.contest.row import Result, Scene
from bench.contest.scenes.cost import hourly
from bench.contest.scenes.stage import Cut, last_advert
from bench.contest.scenes.stress import stress
from bench.steady import phase
from tests.netns.bounds import SLOWER
from tests.netns.lab import wait_until
from tests.netns.sightings import Sighting

_TAKES_ALL = 30.0
"""Seconds within which a host has to have all VIPs."""
_SETTLED = 12.0
_CUT_WORKS = 0.001


def vips(stage: Stage) -> set[str]:
    """Return all VIPs of all routers of a host."""
    further = [vip for router in stage.terms.further for vip in router.vips]
    return {vip.partition("/")[0] for vip in (*stage.setup.vips("a"), *further)}


class Holders:
    """The VIPs in the kernel of each host, and how often one was added or removed, as the witness tells."""

    def __init__(self, wanted: set[str]) -> None:
        self._wanted = wanted
        self.held: dict[str, set[str]] = {"a": set(), "b": set()}
        self.moves: Counter[str] = Counter()
        self.complete = 0.0
        """When a host came to hold all of them last: seconds of the monotonic clock."""

    def read(self, events: Iterable[Sighting]) -> None:
        """Take note of events. A renewal is no move."""
        for event in events:
            if event.kind not in ("added", "removed") or event.about["address"] not in self._wanted:
                continue
            held, address = self.held[event.host], event.about["address"]
            if (address in held) == (event.kind == "added"):
                continue
            held ^= {address}
            self.moves[event.host] += 1
            if held == self._wanted:
                self.complete = event.at


class _Watch:
    """The holders on a stage, as of now."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._read = stage, 0
        self.holders = Holders(vips(stage))
        self.number = len(vips(stage))

    def held(self, host: str) -> int:
        """Return how many VIPs a host has now."""
        events = self._stage.witness.since(self._read)
        self._read += len(events)
        self.holders.read(events)
        return len(self.holders.held[host])

    def all_on(self, host: str, within: float = _TAKES_ALL) -> None:
        """Wait until a host has all VIPs, and no other one has any. TimeoutError says how many it has."""
        (other,) = {"a", "b"} - {host}
        with suppress(TimeoutError):
            wait_until(lambda: self.held(host) == self.number and not self.held(other), within / SLOWER, "")
        if self.held(host) != self.number:
            raise TimeoutError(f"host {host} has {self.held(host)} of {self.number} VIPs after {within:g} s")


def windows(terms: Terms, seconds: float, *, busy: bool = False) -> Scene:
    """Return the scene of windows of so many seconds in which nothing happens. `busy`: beside other work."""

    @contextmanager
    def opened(contender: Contender) -> Iterator[Callable[[int], Result]]:
        with ExitStack() as stack:
            stage = stack.enter_context(Stage(contender, terms))
            stage.start()
            watch = _Watch(stage)
            # What is not held after that is not held: a value of the row.
            with suppress(TimeoutError):
                watch.all_on("a")
            time.sleep(_SETTLED)
            if busy:
                stack.enter_context(stress())

            def once(_: int) -> Result:
                watch.held("a")
                before = watch.holders.moves.total()
                cost = hourly(stage, seconds)
                held = watch.held("a")
                return {**cost, "held": float(held), "moves": float(watch.holders.moves.total() - before)}

            yield once

    return opened


def takeover(terms: Terms) -> Scene:
    """Return the scene in which host a is cut off, and host b takes all VIPs."""

    @contextmanager
    def opened(contender: Contender) -> Iterator[Callable[[int], Result]]:
        with Stage(contender, terms) as stage:
            stage.start()
            watch = _Watch(stage)

            def once(number: int) -> Result:
                watch.all_on("a")
                stage.watch_for(2 * terms.interval + phase(number, terms.interval))
                cut, saw = Cut(stage, "a"), stage.witness.mark
                at, since = cut.cut()
                try:
                    # Host a keeps its VIPs: it does not know that it is cut off.
                    wait_until(
                        lambda: watch.held("b") == watch.number, _TAKES_ALL / SLOWER, "host b has all VIPs"
                    )
                    found = {"complete": watch.holders.complete - since}
                    if terms.routers == 1:
                        last = last_advert(stage.witness.since(max(0, saw - 5000)), "a", at + _CUT_WORKS)
                        found["complete"] += at - last
                    return found
                finally:
                    cut.heal()

            yield once

    return opened
